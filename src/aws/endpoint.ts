/** Endpoints that the environment names, in the SDK's own order: the service's variable, then the one for all. */

/** The URL for a service, or undefined: then the SDK asks the profile's configuration and its own rules (F-640). */
export function configuredEndpoint(
  environment: Readonly<Record<string, string | undefined>>,
  serviceId: string,
): string | undefined {
  if (environment.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS?.toLowerCase() === 'true') return undefined;
  const suffix = serviceId.toUpperCase().replaceAll(' ', '_');
  return environment[`AWS_ENDPOINT_URL_${suffix}`] || environment.AWS_ENDPOINT_URL || undefined;
}

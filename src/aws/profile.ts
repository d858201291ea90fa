/** The shared AWS configuration files, as far as rsds reads them itself: the region of the profile in use. */
import { loadSharedConfigFiles } from '@smithy/core/config';

/**
 * The region that the profile names; undefined where it names none, or where there are no such files.
 * `AWS_CONFIG_FILE` and `AWS_SHARED_CREDENTIALS_FILE` count as the SDK reads them.
 */
export async function profileRegion(
  profile: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  const name = profile ?? environment.AWS_PROFILE ?? 'default';
  try {
    const { configFile, credentialsFile } = await loadSharedConfigFiles();
    return configFile[name]?.region ?? credentialsFile[name]?.region;
  } catch {
    // Files that cannot be read are the credentials' concern, which fail with the right words.
    return undefined;
  }
}

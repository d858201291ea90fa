/** Which service, operation and region a request means, and who signed it. */
import { isCbor } from './cbor.ts';
import { addresses, type ServiceAddress } from './models.ts';
import type { Exchange } from './protocol.ts';
import { parametersOf } from './query.ts';

export interface Scope {
  readonly accessKeyId: string;
  readonly region: string;
  readonly service: string;
}

export type Signature = Scope | 'missing' | 'malformed';

export interface Route {
  readonly signature: Signature;
  /** SigV4 signing name, or the best guess for a request that isn't signed; `undefined` when nothing says. */
  readonly service: string | undefined;
  /** `undefined` for services that the simulator doesn't know. */
  readonly address: ServiceAddress | undefined;
  readonly region: string;
}

const DEFAULT_REGION = 'us-east-1';

// AKID/date/region/service/aws4_request; the asymmetric form has no region.
const scopePattern = /^(?<key>[^/]+)\/\d{8}\/(?:(?<region>[^/]+)\/)?(?<service>[^/]+)\/aws4_request$/;

export function signatureOf(exchange: Exchange): Signature {
  const header = exchange.headers.authorization;
  const presigned = exchange.query.get('X-Amz-Credential');
  if (header === undefined && presigned === null) return 'missing';
  const credential = header === undefined ? presigned : /^AWS4-\S+ .*?Credential=([^,\s]+)/.exec(header)?.[1];
  const { key, region, service } = scopePattern.exec(credential ?? '')?.groups ?? {};
  if (key === undefined || service === undefined) return 'malformed';
  return { accessKeyId: key, region: region ?? DEFAULT_REGION, service };
}

/** By the signature's scope; unsigned calls (AssumeRoleWithWebIdentity) by target, path or API version (F-19). */
export function routeOf(exchange: Exchange): Route {
  const signature = signatureOf(exchange);
  const signed = typeof signature === 'object' ? signature : undefined;
  const address = signed ? addresses.find(({ name }) => name === signed.service) : unsignedAddress(exchange);
  const service = signed?.service ?? address?.name;
  return { signature, service, address, region: signed?.region ?? DEFAULT_REGION };
}

function unsignedAddress(exchange: Exchange): ServiceAddress | undefined {
  const target = exchange.headers['x-amz-target'];
  if (target !== undefined) {
    const prefix = target.split('.').slice(0, -1).join('.');
    return addresses.find((address) => prefix === address.target || prefix.endsWith(`.${address.target}`));
  }
  if (isCbor(exchange)) return addresses.find(({ target: name }) => exchange.path.includes(`/service/${name}/`));
  const version = parametersOf(exchange).get('Version');
  return version === null ? undefined : addresses.find((address) => address.apiVersion === version);
}

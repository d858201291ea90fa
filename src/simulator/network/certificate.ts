/** Certificates of the simulator's own, made when they are first needed: of warehouses (F-702), and of AWS's services. */
import { createSecureContext, type SecureContext } from 'node:tls';
import { regionNames } from '../services/ec2/zones.ts';

const made = new Map<string, Promise<SecureContext>>();

/** For `*.<account>.<region>.redshift-serverless.amazonaws.com`: signed by nobody but itself. */
export function warehouseCertificate(account: string, region: string): Promise<SecureContext> {
  const name = `*.${account}.${region}.redshift-serverless.amazonaws.com`;
  const known = made.get(name) ?? make(name);
  made.set(name, known);
  return known;
}

async function make(name: string): Promise<SecureContext> {
  const { cert, key } = await signed([name]);
  return createSecureContext({ cert, key });
}

export interface AwsCertificate {
  readonly context: SecureContext;
  /** For those who are to trust it: it is signed by nobody but itself. */
  readonly pem: string;
}

let services: Promise<AwsCertificate> | undefined;

/** For the services of every region, by their regional names. */
export function awsCertificate(): Promise<AwsCertificate> {
  services ??= signed(regionNames.map((region) => `*.${region}.amazonaws.com`)).then(({ cert, key }) => ({
    context: createSecureContext({ cert, key }),
    pem: cert,
  }));
  return services;
}

async function signed(names: readonly string[]): Promise<{ cert: string; key: string }> {
  const { generate } = await import('selfsigned');
  const { cert, private: key } = await generate([{ name: 'commonName', value: names[0] ?? '' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: names.map((value) => ({ type: 2, value })) }],
  });
  return { cert, key };
}

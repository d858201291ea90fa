/** The certificate that the warehouses of a region show, made when the first client asks for encryption (F-702). */
import { createSecureContext, type SecureContext } from 'node:tls';

const made = new Map<string, Promise<SecureContext>>();

/** For `*.<account>.<region>.redshift-serverless.amazonaws.com`: signed by nobody but itself. */
export function warehouseCertificate(account: string, region: string): Promise<SecureContext> {
  const name = `*.${account}.${region}.redshift-serverless.amazonaws.com`;
  const known = made.get(name) ?? make(name);
  made.set(name, known);
  return known;
}

async function make(name: string): Promise<SecureContext> {
  const { generate } = await import('selfsigned');
  const { cert, private: key } = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: name }] }],
  });
  return createSecureContext({ cert, key });
}

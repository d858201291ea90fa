/** What a client connects to: one address with its database and login. Names as they are; each client's grammar quotes them. */
export interface ConnectionTarget {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  /**
   * Whom the certificate names (F-609): `host` where that is the warehouse's own address, `another` behind the load
   * balancer, which a domain of one's own would not change (F-980). `simulator`: one that no authority has signed, on this machine.
   */
  readonly certificate: 'host' | 'another' | 'simulator';
  /** For names of things that the string makes, such as a profile: the environment's prefix. */
  readonly name: string;
}

/** Probes well below every idle timer on the way, of which the shortest may be 350 seconds (F-610). */
export const keepalive = { idleSeconds: 60, intervalSeconds: 30, count: 5 } as const;

/** Pools reach new consumers, and leave those that go, by new connections only. */
export const poolLifetimeSeconds = 600;

/** The authorities that have signed the warehouses' certificates (F-970). */
export const authorities = {
  file: 'amazon-trust-ca-bundle.crt',
  url: 'https://s3.amazonaws.com/redshift-downloads/amazon-trust-ca-bundle.crt',
} as const;

/** The strictest check that works there, in the words of the drivers that know only these two (F-971, F-973, F-974). */
export const verifyMode = ({ certificate }: ConnectionTarget): 'verify-full' | 'verify-ca' =>
  certificate === 'host' ? 'verify-full' : 'verify-ca';

/** A string in JavaScript, Python and YAML alike: double-quoted, with the escapes that all three know. */
export const literal = (text: string): string => JSON.stringify(text);

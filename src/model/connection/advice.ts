/** What matters for every client, whichever it is. */
import type { ConnectionTarget } from './target.ts';

const certificates: Readonly<Record<ConnectionTarget['certificate'], string>> = {
  another:
    'TLS: each consumer shows a certificate for its own address, which is not this one: verify-full fails, require and verify-ca work',
  host: 'TLS: the certificate is for this address: verify-full works',
  simulator: "TLS: the simulator's certificate is signed by nobody: require works, checks of it fail",
};

/** One sentence each; `pool`: behind the load balancer. What a query costs: F-458; what idle timers do: F-610; why not IAM: F-981. */
export function advice({ certificate }: ConnectionTarget, { pool }: { readonly pool: boolean }): string[] {
  return [
    certificates[certificate],
    'keepalives: below 200 seconds, or connections that are idle for 350 may be dropped without a word',
    pool
      ? 'pools: a lifetime of ten minutes at most, because only new connections find new consumers and leave those that go'
      : 'pools: a lifetime of ten minutes at most',
    pool
      ? 'no validation query (pool_pre_ping, testOnBorrow, SELECT 1): each is billed as a minute at least, and together they keep every consumer awake'
      : 'no validation query (pool_pre_ping, testOnBorrow, SELECT 1): each is billed as a minute at least, and keeps the warehouse awake',
    ...(pool ? ['IAM: temporary credentials are for one workgroup, so they do not work here; this login does'] : []),
  ];
}

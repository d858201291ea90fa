import type { Account } from '../../support/account.ts';

/** What happened, the resources that the plan names, how it is done, and the set of calls that mend it. */
export type Drift = readonly [
  what: string,
  named: readonly string[],
  cause: (account: Account) => Promise<unknown>,
  repairs: readonly string[],
];

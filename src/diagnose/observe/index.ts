/** Looks at everything that checks judge by: control plane only, some 25 reads whatever the number of warehouses. */
import type { Aws } from '../../aws/aws.ts';
import type { LedgerDocument } from '../../ledger/ledger.ts';
import type { Desired } from '../../model/desired.ts';
import type { LockView, Observations } from '../observations.ts';
import { ifRead, mapped, read } from '../reading.ts';
import { namespaceOf } from '../selectors.ts';
import { observeKeys, observeLockTables, observeQuotas, observeSecret, observeShares } from './account.ts';
import { observeBalancer } from './balancer.ts';
import { observeNetwork } from './network.ts';
import { observeStrangers } from './strangers.ts';
import { examinedOf, observeWarehouses } from './warehouses.ts';

export interface Question {
  readonly aws: Aws;
  readonly desired: Desired;
  readonly ledger: LedgerDocument;
  readonly ledgerFault: Observations['ledgerFault'];
  readonly account: string;
  readonly identity: string;
  readonly suffix: Observations['suffix'];
  /** ms since the epoch on the clock with which the ledger is written. */
  now(): number;
  /** The two locks, with their holders. */
  environmentLock(): Promise<LockView | undefined>;
  lane(): Promise<LockView | undefined>;
}

export async function observe(question: Question): Promise<Observations> {
  const { aws, desired, ledger, ledgerFault, account, identity, suffix } = question;
  const [lists, front, secret, otherLockTables, environmentLock, lane] = await Promise.all([
    observeWarehouses(aws),
    observeBalancer(aws, desired),
    observeSecret(aws, desired),
    observeLockTables(aws, desired),
    read(() => question.environmentLock()),
    read(() => question.lane()),
  ]);
  const examined = examinedOf(desired, lists);
  const names = new Set(examined.map(({ warehouse }) => warehouse.name));
  const own = (ifRead(lists.namespaces) ?? []).filter(({ name }) => names.has(name));
  const inUse = (ifRead(lists.workgroups) ?? []).filter(({ name }) => names.has(name)).flatMap((one) => one.subnetIds);
  const base = {
    desired,
    account,
    identity,
    suffix,
    examined,
    ledger,
    ledgerFault,
    ...lists,
    ...front,
    environmentLock,
    lane,
  };
  const [around, keys, shares] = await Promise.all([
    observeNetwork({ aws, desired, ledger, inUse }),
    observeKeys(aws, desired, own),
    observeShares(aws, namespaceOf(lists, desired.producer)),
  ]);
  const [strangers, quotas] = await Promise.all([
    observeStrangers({
      aws,
      desired,
      ledger,
      examined,
      workgroups: ifRead(lists.workgroups) ?? [],
      namespaces: ifRead(lists.namespaces) ?? [],
      groups: ifRead(around.groups) ?? [],
      balancer: ifRead(front.balancer),
      targetGroup: ifRead(front.targetGroup),
      secretTags: ifRead(secret)?.tags,
    }),
    observeQuotas(aws, { ...lists, network: around.network }),
  ]);
  return {
    ...base,
    ...around,
    keys,
    shares,
    secret: mapped(secret, (found) => found && { deletedAt: found.deletedAt }),
    otherLockTables,
    strangers,
    quotas,
    now: question.now(),
    awsNow: aws.now() ?? question.now(),
  };
}

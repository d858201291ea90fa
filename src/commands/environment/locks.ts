/** The two locks of a run: the environment's, and the workgroup lane of the account and region. */

import type { Workgroup } from '@aws-sdk/client-redshift-serverless';
import type { Reporter, RunEvent } from '../../engine/events.ts';
import type { Lane } from '../../engine/lane.ts';
import { isPassing } from '../../engine/retry.ts';
import { DynamoLock, describeHolder } from '../../lock/dynamo-lock.ts';
import { type LaneWorkgroup, WorkgroupLane } from '../../lock/lane.ts';
import type { Lease } from '../../lock/lock.ts';
import { LockTable } from '../../lock/lock-table.ts';
import { isFresh, isInTheWay, isOwnWarehouse } from '../../model/foreign.ts';
import { type Clock, RealClock } from '../../shared/clock.ts';
import { RsdsError } from '../../shared/errors.ts';
import type { Account, Session } from './session.ts';

export interface Locks {
  readonly lock: DynamoLock;
  readonly table: LockTable;
  /** On which leases run: real time, also where AWS's runs faster. */
  readonly clock: Clock;
}

export const environmentKey = (project: string, environment: string) => `env#${project}#${environment}`;

/** However fast AWS's time runs: below this a busy machine would lose its leases to itself. */
const leaseMsMin = 5_000;

export function openLocks({ aws, config, context }: Account): Locks {
  const table = new LockTable(config.lock.table, aws.dynamodb);
  const leaseMs = Math.max(leaseMsMin, (config.lock.leaseSeconds * 1_000) / context.clock.speed);
  const clock = leaseClock(context.clock);
  return {
    table,
    clock,
    lock: new DynamoLock({ table, clock, random: context.random, leaseMs, now: () => context.clock.now() }),
  };
}

// Leases are real time: a scaled clock's own time would make a heartbeat every few milliseconds. Virtual time is kept,
// since nothing real passes under it.
const leaseClock = (clock: Session['context']['clock']) => (clock.speed === 1 ? clock : new RealClock());

const tableMsMax = 5 * 60_000;

/** How people are told that the lock table will be made; undefined: it is there. */
export async function missingTable({ table }: Locks, { config }: Session): Promise<string | undefined> {
  if (await table.exists()) return undefined;
  return `the lock table ${table.name} in ${config.region}, on demand, a few cents a month`;
}

/** Makes the lock table if it is missing, after asking. Never called by reading commands. */
export async function ensureTable(locks: Locks, session: Session): Promise<void> {
  const missing = await missingTable(locks, session);
  if (missing === undefined) return;
  await session.context.prompter.confirm(`This needs ${missing}. Create it?`);
  await makeTable(locks.table, session.context);
}

/** Makes the table and waits until it can be used. Throws `step/timeout` after five minutes. */
export async function makeTable(table: LockTable, { clock, signal }: Session['context']): Promise<void> {
  const since = clock.elapsed();
  await requestTable(table, { clock, signal });
  while (!(await table.exists())) {
    if (clock.elapsed() - since > tableMsMax)
      throw new RsdsError('step/timeout', `the lock table ${table.name} did not become ACTIVE`);
    await clock.sleep(2_000, { signal });
  }
}

/** A creation that fails in passing is repeated: what is there already is as good as made. */
async function requestTable(
  table: LockTable,
  { clock, signal }: Pick<Session['context'], 'clock' | 'signal'>,
): Promise<void> {
  const since = clock.elapsed();
  for (;;) {
    try {
      return await table.create({ Name: table.name, 'rsds:shared': 'lock' });
    } catch (error) {
      if (!isPassing(error) || clock.elapsed() - since > tableMsMax) throw error;
      await clock.sleep(2_000, { signal });
    }
  }
}

/** Takes the environment's lock; waits for another holder as long as the configuration says. */
export async function takeEnvironment({ lock }: Locks, session: Session, reporter: Reporter): Promise<Lease> {
  const { config, context, info } = session;
  const key = environmentKey(config.project, config.environment);
  let waited = false;
  const lease = await lock.acquire(key, {
    info,
    waitMs: realMs(config.lock.waitMinutes * 60_000, session),
    signal: context.signal,
    onWait: (holder, waitedMs) => {
      waited = true;
      emitWait(session, reporter, { key, holder, waitedMs, why: 'one run at a time changes an environment' });
    },
  });
  if (waited) reporter.emit({ at: context.clock.now(), event: 'lock-acquired', key, fence: lease.fence });
  return lease;
}

/** Takes the environment's lock for what is no run of the engine; waits as long as the configuration says. */
export async function holdEnvironment(here: Account): Promise<Pick<Lease, 'signal' | 'release'>> {
  const { config, context, info } = here;
  const { clock, notices, signal } = context;
  let told = false;
  return openLocks(here).lock.acquire(environmentKey(config.project, config.environment), {
    info,
    waitMs: (config.lock.waitMinutes * 60_000) / clock.speed,
    signal,
    onWait: (holder) => {
      if (told) return;
      told = true;
      const who = holder ? describeHolder(holder, clock.now()) : 'another run';
      notices.line(`waiting for the environment's lock, which is held by ${who}`);
    },
  });
}

/** The lane; nothing is taken before the first workgroup needs it. */
export function openLane({ lock }: Locks, session: Session, reporter: Reporter): Lane {
  const { config, context, info, account, aws } = session;
  const key = 'workgroups';
  return new WorkgroupLane({
    lock,
    account,
    region: config.region,
    info,
    clock: context.clock,
    waitMs: realMs(config.lock.waitMinutes * 60_000, session),
    atOnce: config.workgroupConcurrency,
    foreign: config.lock.foreign,
    list: async () => (await aws.serverless.listWorkgroups()).map((workgroup) => forLane(workgroup, session)),
    onWait: (holder, waitedMs, why) => emitWait(session, reporter, { key, holder, waitedMs, why }),
    onWaited: (fence) => reporter.emit({ at: context.clock.now(), event: 'lock-acquired', key, fence }),
    warn: (text) =>
      reporter.emit({ at: context.clock.now(), event: 'note', resource: undefined, text, level: 'warning' }),
  });
}

function forLane(
  { workgroupName: name = '', status: known, creationDate }: Workgroup,
  { aws, context, desired, ledger }: Session,
): LaneWorkgroup {
  const seen = { status: known ?? '', createdAt: creationDate?.getTime() ?? 0 };
  // By AWS's own time: the clock of this machine may be wrong.
  const now = aws.now() ?? context.clock.now();
  return {
    name,
    status: seen.status,
    ours: isOwnWarehouse(name, desired, Object.keys(ledger.document().resources)),
    inTheWay: isInTheWay(seen, now),
    fresh: isFresh(seen, now),
  };
}

const realMs = (ms: number, { context }: Session) => ms / context.clock.speed;

function emitWait(
  { context }: Session,
  reporter: Reporter,
  wait: Omit<RunEvent & { event: 'lock-waiting' }, 'at' | 'event'>,
): void {
  reporter.emit({
    at: context.clock.now(),
    event: 'lock-waiting',
    ...wait,
    waitedMs: wait.waitedMs * context.clock.speed,
  });
}

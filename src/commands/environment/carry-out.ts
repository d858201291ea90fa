/**
 * From a plan to its end: show, ask, lock, look again, run, record. The one flow behind `up`, `scale` and `down`.
 *
 * Prompts come before the lock: a waiting human holds nobody up. What AWS has is looked at again under the lock; when
 * that gives another plan than the one that was confirmed, nothing is changed.
 */
import type { Reporter } from '../../engine/events.ts';
import { makePlan, type Plan, reviewed, samePlan, type Target } from '../../engine/plan.ts';
import { type RunResult, run } from '../../engine/run.ts';
import type { Lease } from '../../lock/lock.ts';
import { planText } from '../../report/plan.ts';
import { RsdsError } from '../../shared/errors.ts';
import { type Locks, makeTable, missingTable, openLane, openLocks, takeEnvironment } from './locks.ts';
import { planView } from './plan-view.ts';
import type { Session } from './session.ts';

export interface Undertaking {
  /** What the run is to bring about, built anew from what is there; called once for the plan and once under the lock. */
  targets(): Promise<readonly Target[]>;
  /** Whether SQL may be run to look (`--sql`). */
  readonly sql: boolean;
  /** Reads more before anything is created, e.g. quotas; throws when it can't work. */
  preflight?(plan: Plan): Promise<void>;
  /** Asks for consent; resolves when it is given. */
  confirm(plan: Plan): Promise<void>;
  /** What is recorded before the first change, under the lock. */
  begin?(): Promise<void>;
  /** What is recorded at the end of a run that did what it should, under the lock. */
  finish?(): Promise<void>;
  /** Whether an earlier run did what it should and was killed before `finish`. */
  unfinished?(): boolean;
}

export interface CarriedOut {
  /** The plan that was carried out; its observations are what was seen last. */
  readonly plan: Plan;
  /** Undefined: there was nothing to do. */
  readonly run: RunResult | undefined;
}

export async function plan(session: Session, undertaking: Undertaking): Promise<Plan> {
  const { context, ledger } = session;
  return makePlan(await undertaking.targets(), {
    signal: context.signal,
    sql: undertaking.sql,
    recorded: (id) => ledger.document().resources[id]?.data,
    recordedState: (id) => ledger.document().resources[id]?.state,
  });
}

export async function carryOut(session: Session, undertaking: Undertaking): Promise<CarriedOut> {
  const { context } = session;
  const first = await plan(session, undertaking);
  const complete = first.unrecorded.length === 0 && !undertaking.unfinished?.() && !session.ledger.aside;
  if (first.empty && complete) return { plan: first, run: undefined };
  await undertaking.preflight?.(first);
  const { paint, room } = context.notices;
  const locks = openLocks(session);
  const table = await missingTable(locks, session);
  context.notices.line(planText(planView(first, session), paint, room));
  if (table !== undefined) context.notices.line(`before all that: ${table}`);
  // One question for both; where there is no plan to ask about, one for the table.
  if (!first.empty) await undertaking.confirm(first);
  else if (table !== undefined) await context.prompter.confirm(`Create ${table}?`);
  if (table !== undefined) await makeTable(locks.table, context);
  const reporter = await context.reporter();
  try {
    return await underLock(session, { undertaking, locks, reporter, first });
  } finally {
    await reporter.close();
  }
}

interface Parts {
  readonly undertaking: Undertaking;
  readonly locks: Locks;
  readonly reporter: Reporter;
  readonly first: Plan;
}

async function underLock(session: Session, parts: Parts): Promise<CarriedOut> {
  const lease = await takeEnvironment(parts.locks, session, parts.reporter);
  try {
    await session.ledger.reload();
    session.ledger.fence(lease.fence);
    // A run that was asleep in between has read what its successor is writing.
    await lease.check();
    const now = await plan(session, parts.undertaking);
    mustBeAsConfirmed(session, parts.first, now);
    await parts.undertaking.begin?.();
    const result = await recorded(session, parts.undertaking, () => runPlan(session, parts, now, lease));
    return { plan: reviewed(now), run: result };
  } finally {
    await keepDigests(session, parts.locks, lease);
    await lease.release().catch((error: unknown) => {
      session.context.notices.warning(`the lock could not be released and runs out by itself: ${String(error)}`);
    });
  }
}

function mustBeAsConfirmed({ context }: Session, confirmed: Plan, now: Plan): void {
  if (samePlan(confirmed, now)) return;
  if (context.flags.yes) {
    context.notices.line('the plan changed while waiting for the lock; going on with the new one');
    return;
  }
  throw new RsdsError(
    'plan/changed-since',
    'AWS changed while the plan was waiting for consent or for the lock; nothing was changed',
    {
      hint: 'run the same command again to see the new plan',
    },
  );
}

function runPlan(
  session: Session,
  { locks, reporter, undertaking }: Parts,
  now: Plan,
  lease: Lease,
): Promise<RunResult> {
  const { context, ledger } = session;
  return run(now, {
    command: context.command,
    clock: context.clock,
    random: context.random,
    ledger,
    reporter,
    lane: openLane(locks, session, reporter),
    checkLease: () => lease.check(),
    signal: either(context.signal, lease.signal),
    sql: undertaking.sql,
    deletionsAtOnce: { workgroup: 4 },
  });
}

/** Fires with whichever comes first; both live as long as the process, so nothing has to be unlinked. */
function either(...signals: readonly AbortSignal[]): AbortSignal {
  const controller = new AbortController();
  for (const signal of signals) {
    if (signal.aborted) controller.abort(signal.reason);
    signal.addEventListener('abort', () => controller.abort(signal.reason), { once: true });
  }
  return controller.signal;
}

/** The run's own entry in the ledger's history, whatever becomes of it. */
async function recorded(
  session: Session,
  undertaking: Undertaking,
  body: () => Promise<RunResult>,
): Promise<RunResult> {
  const { context, ledger, info } = session;
  const id = context.random.hex(8);
  const { user, host } = info;
  await ledger.record({
    type: 'run-started',
    run: { id, command: context.command, user, host, startedAt: context.clock.now() },
  });
  try {
    const result = await body();
    await ledger.record({ type: 'run-ended', id, outcome: result.outcome, at: context.clock.now() });
    await undertaking.finish?.();
    return result;
  } catch (error) {
    const outcome = error instanceof RsdsError ? error.code : 'internal/invariant';
    // The first error is the one that counts: a ledger that cannot be written is no news then.
    await ledger.record({ type: 'run-ended', id, outcome, at: context.clock.now() }).catch(() => {});
    throw error;
  }
}

/** What SQL was run is kept beside the lock, so that a fresh checkout does not wake every warehouse to look. */
async function keepDigests({ ledger }: Session, { lock }: Locks, lease: Lease): Promise<void> {
  const entries = Object.entries(ledger.document().resources).map(([id, { data }]) => [id, data.digest] as const);
  const digests = Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
  await lock.keep(lease, digests).catch(() => {
    // Without them the next fresh checkout looks once more: no reason to fail a run that did its work.
  });
}

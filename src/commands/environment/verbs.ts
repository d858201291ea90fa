/** The handlers of `plan`, `up`, `scale` and `down`. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { withConsumers } from '../../config/consumers.ts';
import { type ConsumerCount, setConsumers, writeFileAtomically } from '../../config/write.ts';
import { desire } from '../../model/desired.ts';
import { planDocument, planText } from '../../report/plan.ts';
import { plural } from '../../report/wording.ts';
import { RsdsError } from '../../shared/errors.ts';
import type { LeavingHow } from '../../steps/build.ts';
import type { CommandContext } from '../context.ts';
import { carryOut, plan } from './carry-out.ts';
import { leftAfter, refuseLeftovers } from './leftovers.ts';
import { planView } from './plan-view.ts';
import { scaledTo } from './scaled-to.ts';
import { openSession, type Session, type SessionOptions } from './session.ts';
import { summarise, summariseDown } from './summary.ts';
import { absent, type Build, present } from './undertakings.ts';

/** Exit code of `plan --check` when there are changes. */
const changesExit = 3;

export async function runPlan(context: CommandContext, options: { check: boolean; sql: boolean }): Promise<number> {
  const session = await openSession(context);
  const { undertaking } = present(session, { sql: options.sql, confirm: async () => {} });
  const found = await plan(session, undertaking);
  const view = planView(found, session);
  context.out.text(planText(view, context.out.paint, context.out.room));
  context.out.document(planDocument(view));
  return options.check && !found.empty ? changesExit : 0;
}

/** How a verb that changes things takes hold of the environment. */
interface Waiting extends SessionOptions {
  /** `--lock-wait` in place of lock.waitMinutes, ms of AWS's time; undefined: as the configuration says. */
  readonly lockWait: number | undefined;
}

async function openWaiting(context: CommandContext, { lockWait, ...options }: Waiting): Promise<Session> {
  const session = await openSession(context, options);
  if (lockWait === undefined) return session;
  const { config } = session;
  return { ...session, config: { ...config, lock: { ...config.lock, waitMinutes: lockWait / 60_000 } } };
}

/** How clients of a consumer that goes, or is changed, are let go. */
interface Draining {
  /** ms of AWS's time. */
  readonly drainTimeout: number | undefined;
  readonly force: boolean;
}

const drainHow = ({ drainTimeout: timeoutMs, force }: Draining) => ({ timeoutMs, force });

export async function runUp(context: CommandContext, options: { sql: boolean } & Draining & Waiting): Promise<number> {
  const session = await openWaiting(context, options);
  return bringUp(session, { sql: options.sql, drain: drainHow(options) });
}

interface ScaleOptions extends Draining, Waiting {
  readonly consumers: number | undefined;
  readonly remove: readonly string[];
  readonly minHealthy: number | undefined;
  readonly snapshot: boolean;
}

export async function runScale(context: CommandContext, options: ScaleOptions): Promise<number> {
  const { consumers, remove, minHealthy, snapshot } = options;
  const session = await openWaiting(context, options);
  const wanted = scaledTo(session.desired, { consumers, remove });
  const drain = { ...drainHow(options), minHealthy, snapshot };
  if (wanted.count === 0 && session.desired.consumers.length > 0 && minHealthy !== 0)
    throw new RsdsError('usage/invalid', 'this takes the last consumer: nobody would answer clients', {
      hint: 'pass --min-healthy 0, too, if that is meant',
    });
  return bringUp(wishing(session, wanted), { sql: false, drain }, keeping(session, wanted));
}

function wishing(session: Session, wanted: ConsumerCount): Session {
  const config = withConsumers(session.config, wanted);
  return { ...session, config, desired: desire(config) };
}

export async function runReplace(
  context: CommandContext,
  options: { consumer: string; snapshot: boolean } & Draining & Waiting,
): Promise<number> {
  const { consumer } = options;
  const session = await openWaiting(context, options);
  const { count } = session.config.consumers;
  const wanted = scaledTo(session.desired, { consumers: count, remove: [consumer] });
  const kept = keeping(session, wanted);
  const how = { ...drainHow(options), snapshot: options.snapshot };
  try {
    return await bringUp(wishing(session, wanted), { sql: false, drain: { ...how, minHealthy: count } }, kept);
  } catch (error) {
    // Refused before anything was touched: where there is no room for one more, one goes first.
    if (!(error instanceof RsdsError && error.code === 'preflight/quota') || count < 2) throw error;
    context.notices.line(`${error.message}: ${consumer} goes before another one comes`);
  }
  const fewer = wishing(session, { ...wanted, count: count - 1 });
  const drain = { ...how, minHealthy: count - 1 };
  await bringUp(fewer, { sql: false, drain }, kept);
  return bringUp(wishing(session, wanted), { sql: false });
}

/** When a changed wish is kept: in the file with the consent, in the ledger under the lock; both before the first change. */
interface Keeping {
  consented?(): Promise<void>;
  begin?(): Promise<void>;
}

async function bringUp(
  session: Session,
  options: { sql: boolean; drain?: LeavingHow },
  keeping: Keeping = {},
): Promise<number> {
  const { context } = session;
  const confirm = async () => {
    await context.prompter.confirm('Make these changes?');
    await keeping.consented?.();
  };
  const build = present(session, { ...options, confirm, ...(keeping.begin ? { begin: keeping.begin } : {}) });
  const done = await carryOut(session, build.undertaking);
  // With nothing to do nobody was asked; the wish is kept all the same.
  if (!done.run) await keeping.consented?.();
  summarise(session, build, done);
  return 0;
}

/** Where the number of consumers lives: in the file; under `--sim`, or without a file, in the ledger. */
function keeping(session: Session, wanted: { count: number; without: readonly number[] }): Keeping {
  const { context, file, config, ledger, written } = session;
  if (file === undefined || context.flags.sim) {
    return {
      begin: async () => {
        const { count, without } = wanted;
        await ledger.record({ type: 'override', consumers: count, without, instead: written });
        const unchanged = file === undefined ? '' : `; ${basename(file)} is not changed`;
        context.notices.line(`the simulator alone keeps ${plural(count, 'consumer')}${unchanged}`);
      },
    };
  }
  return {
    consented: async () => {
      const text = await readFile(file, 'utf8');
      const changed = await setConsumers(text, config.environment, wanted);
      if (changed === text) return;
      await writeFileAtomically(file, changed);
      context.notices.line(`wrote consumers.count ${wanted.count} for ${config.environment} to ${file}`);
    },
  };
}

export async function runDown(context: CommandContext, options: { finalSnapshot: boolean } & Waiting): Promise<number> {
  const session = await openWaiting(context, options);
  const { prefix } = session.desired.names;
  const loss = options.finalSnapshot
    ? 'its data stays in a final snapshot, but for what is still written after that is begun'
    : 'ITS DATA IS LOST';
  const question = `This takes ${prefix} down; ${loss}. Type ${prefix} to go on:`;
  // The name is that of the life which ends here; the next one begins with this run's last record.
  const finalSnapshot = session.desired.names.finalSnapshot(session.ledger.document().lineage);
  const build = absent(session, { ...options, confirm: () => context.prompter.confirmByTyping(question, prefix) });
  const done = await carryOut(session, build.undertaking).catch(async (error: unknown) => {
    throw await leftAfter(error, () => plan(session, build.undertaking));
  });
  if (done.run) await verifyGone(session, build);
  const snapshots = done.run && options.finalSnapshot ? await taken(session, finalSnapshot) : [];
  summariseDown(session, done, snapshots);
  return 0;
}

/** The final snapshots of this life, oldest first: a `down` that was resumed late took more than one. */
async function taken({ aws }: Session, first: string): Promise<string[]> {
  const names: string[] = [];
  for (let name = first; await aws.serverless.getSnapshot(name); name = `${first}-${names.length + 1}`)
    names.push(name);
  return names;
}

/** Looks once more, at everything: what is still there is listed, and the exit code is 1. */
async function verifyGone(session: Session, build: Build): Promise<void> {
  refuseLeftovers(await plan(session, build.undertaking));
}

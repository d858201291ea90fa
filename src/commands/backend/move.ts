/** Moves the ledger between file and bucket, under the environment's lock: copy, compare, then retire the old one. */
import type { LedgerStore } from '../../ledger/ledger.ts';
import { documentText } from '../../ledger/next-document.ts';
import { RsdsError } from '../../shared/errors.ts';
import type { CommandContext } from '../context.ts';
import { ensureTable, openLocks, takeEnvironment } from '../environment/locks.ts';
import { openLedger, openSession, type Session } from '../environment/session.ts';

export async function moveLedger(context: CommandContext, to: string): Promise<undefined> {
  const session = await openSession(context);
  const target = await openLedger(session, { state: to });
  const { ledger: source, config } = session;
  if (target.path === source.path) return report(context, { to, from: source.path, path: target.path, backup: null });
  if (!source.existed) {
    throw new RsdsError('backend/nothing-to-move', `there is no ledger ${source.path}`, {
      hint: target.existed ? `${target.path} is there: set state: ${to}` : `set state: ${to} and run rsds up`,
    });
  }
  mustBeFree(target, source);
  await context.prompter.confirm(`Move the ledger of ${config.environment} from ${source.path} to ${target.path}?`);
  const backup = await underLock(session, to);
  return report(context, { to, from: source.path, path: target.path, backup });
}

async function underLock(session: Session, to: string): Promise<string> {
  const { context, ledger: source } = session;
  const locks = openLocks(session);
  await ensureTable(locks, session);
  const reporter = await context.reporter();
  try {
    const lease = await takeEnvironment(locks, session, reporter);
    try {
      await source.reload();
      source.fence(lease.fence);
      const target = await openLedger(session, { state: to });
      mustBeFree(target, source);
      await lease.check();
      await target.adopt(source.document());
      await mustBeTheSame(session, to);
      await lease.check();
      return await source.retire();
    } finally {
      await lease.release().catch(() => {});
    }
  } finally {
    await reporter.close();
  }
}

/** What stands at the target may be an older copy of the same ledger, and nothing else. */
function mustBeFree(target: LedgerStore, source: LedgerStore): void {
  if (!target.existed) return;
  const [there, ours] = [target.document(), source.document()];
  if (there.lineage === ours.lineage && there.serial <= ours.serial) return;
  const what = there.lineage === ours.lineage ? 'a newer ledger of this environment' : 'the ledger of another life';
  throw new RsdsError('backend/occupied', `${target.path} is ${what} (serial ${there.serial}, ours ${ours.serial})`, {
    hint: 'look which of both is right, and move the other one aside',
  });
}

async function mustBeTheSame(session: Session, to: string): Promise<void> {
  const written = await openLedger(session, { state: to });
  if (documentText(written.document()) === documentText(session.ledger.document())) return;
  throw new RsdsError('ledger/write', `${written.path} is not what was written; the old ledger stays in use`);
}

function report(
  { out, flags }: CommandContext,
  { to, ...moved }: { to: string; from: string; path: string; backup: string | null },
): undefined {
  out.document({ state: to, ...moved });
  const where = flags.config ?? 'rsds.yaml';
  const kept = moved.backup === null ? 'It is there already.' : `The old one is kept as ${moved.backup}.`;
  out.text(`The ledger is ${moved.path}. ${kept}\n  Next  set state: ${to} in ${where}`);
  return undefined;
}

/** The handler of `status`. */
import { observeLockTables } from '../../diagnose/observe/account.ts';
import { ifRead, type Reading } from '../../diagnose/reading.ts';
import { describeHolder } from '../../lock/dynamo-lock.ts';
import { laneKey } from '../../lock/lane.ts';
import type { LockRecord } from '../../lock/lock.ts';
import type { Paint } from '../../report/colour.ts';
import { statusText } from '../../report/status.ts';
import { formatDuration } from '../../shared/clock.ts';
import { ServiceError } from '../../shared/errors.ts';
import type { CommandContext } from '../context.ts';
import { plan } from './carry-out.ts';
import { environmentKey, openLocks } from './locks.ts';
import { openSession, type Session } from './session.ts';
import { statusView, withLocalAddresses } from './status-view.ts';
import { present } from './undertakings.ts';

const faultExit = 5;

export async function runStatus(context: CommandContext, options: { check: boolean }): Promise<number> {
  const session = await openSession(context);
  const build = present(session, { sql: false, confirm: async () => {} });
  const [found, locks, otherTables] = await Promise.all([
    plan(session, build.undertaking),
    readLocks(session),
    observeLockTables(session.aws, session.desired),
  ]);
  const environment = build.environment();
  if (!environment) return 0;
  const view = await withLocalAddresses(statusView(session, environment, found), context.localAddresses);
  const run = session.ledger.document().runs.at(-1);
  context.out.text(statusText(view, context.out.paint));
  context.out.text(lockLine('environment lock', locks.environment, context));
  context.out.text(lockLine('workgroup lane', locks.lane, context));
  const tables = tablesLine(otherTables, session, context.out.paint);
  if (tables !== undefined) context.out.text(tables);
  if (run)
    context.out.text(
      `last run: ${run.command} by ${run.user}@${run.host}, ${formatDuration(context.clock.now() - run.startedAt)} ago: ${run.outcome ?? 'not ended'}`,
    );
  context.out.document({
    ...view,
    lock: {
      environment: holderOf(locks.environment),
      lane: holderOf(locks.lane),
      otherTables: ifRead(otherTables) ?? 'not checked',
    },
    run: run ?? null,
  });
  return options.check && view.state !== 'ready' ? faultExit : 0;
}

interface LockStates {
  readonly environment: LockRecord | undefined | 'not checked';
  readonly lane: LockRecord | undefined | 'not checked';
}

async function readLocks(session: Session): Promise<LockStates> {
  const { lock } = openLocks(session);
  const { project, environment, region } = session.config;
  const read = (key: string) =>
    lock.show(key).catch((error: unknown) => {
      if (error instanceof ServiceError && error.kind === 'denied') return 'not checked' as const;
      throw error;
    });
  const [own, lane] = await Promise.all([
    read(environmentKey(project, environment)),
    read(laneKey(session.account, region)),
  ]);
  return { environment: own, lane };
}

const holderOf = (record: LockRecord | undefined | 'not checked') =>
  record === 'not checked' ? record : (record?.holder ?? null);

function lockLine(what: string, record: LockRecord | undefined | 'not checked', { clock }: CommandContext): string {
  if (record === 'not checked') return `${what}: not checked (AccessDenied)`;
  return `${what}: ${record?.holder ? `locked by ${describeHolder(record.holder, clock.now())}` : 'free'}`;
}

/** All projects of an account and region must name one lock table, or the lane protects nobody. */
function tablesLine(others: Reading<readonly string[]>, { config }: Session, paint: Paint): string | undefined {
  if ('unread' in others) return `other lock tables: not checked (${others.unread.why})`;
  if (others.value.length === 0) return undefined;
  const names = others.value.join(', ');
  return paint.yellow(
    `other lock tables: ${names}; runs that use them do not see the workgroup lane in ${config.lock.table}: name the same lock.table in every rsds.yaml of this account and region`,
  );
}

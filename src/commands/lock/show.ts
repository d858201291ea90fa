/** Reads the two locks that concern an environment; takes and changes nothing. */
import type { Holder } from '../../engine/events.ts';
import { describeHolder } from '../../lock/dynamo-lock.ts';
import { laneKey } from '../../lock/lane.ts';
import type { LockRecord } from '../../lock/lock.ts';
import type { Paint } from '../../report/colour.ts';
import type { CommandContext } from '../context.ts';
import { environmentKey, openLocks } from '../environment/locks.ts';
import { openAccount } from '../environment/session.ts';

export async function showLocks(context: CommandContext): Promise<undefined> {
  const here = await openAccount(context);
  const { config, account } = here;
  const { lock, table } = openLocks(here);
  const [environment, lane] = await Promise.all([
    lock.show(environmentKey(config.project, config.environment)),
    lock.show(laneKey(account, config.region)),
  ]);
  const { paint } = context.out;
  const now = context.clock.now();
  context.out.document({ table: table.name, environment: document(environment), lane: document(lane) });
  context.out.text(
    [
      `environment  ${holderText(environment, now, paint)}`,
      `workgroups   ${holderText(lane, now, paint)}`,
      `table        ${table.name}`,
      ...[
        environment?.holder && freeing(environment.holder, ''),
        lane?.holder && freeing(lane.holder, '--lane '),
      ].filter((line) => line !== undefined),
    ].join('\n'),
  );
  return undefined;
}

/** What to type when the holder is dead. */
const freeing = ({ id, host, pid }: Holder, which: string) =>
  `if pid ${pid} on ${host} is dead: rsds lock release ${which}--id ${id}`;

// JSON has no `undefined`: a lock that nobody ever took is null.
const document = (record: LockRecord | undefined) =>
  record === undefined
    ? null
    : { key: record.key, fence: record.fence, held: record.holder !== undefined, holder: record.holder ?? null };

// Holders write AWS's time into their records, as everything that is told to people is.
function holderText(record: LockRecord | undefined, now: number, paint: Paint): string {
  if (record === undefined) return 'never locked';
  if (record.holder === undefined) return `${paint.green('free')}, fence ${record.fence}`;
  const { holder } = record;
  return `${paint.yellow('held')} by ${describeHolder(holder, now)}, fence ${record.fence}, id ${holder.id}`;
}

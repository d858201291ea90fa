/** Frees one of the two locks that concern an environment, for a holder that cannot do so any more. */
import type { Holder } from '../../engine/events.ts';
import { describeHolder } from '../../lock/dynamo-lock.ts';
import { forceRelease } from '../../lock/forced-release.ts';
import { laneKey } from '../../lock/lane.ts';
import { desire } from '../../model/desired.ts';
import { formatDuration } from '../../shared/clock.ts';
import type { CommandContext } from '../context.ts';
import { environmentKey, openLocks } from '../environment/locks.ts';
import { type Account, openAccount } from '../environment/session.ts';

interface ReleaseOptions {
  readonly id: string;
  readonly lane: boolean;
  readonly force: boolean;
}

export async function releaseLock(context: CommandContext, { id, lane, force }: ReleaseOptions): Promise<undefined> {
  const here = await openAccount(context);
  const { table, clock } = openLocks(here);
  const { key, word, name } = lane ? laneOf(here) : environmentOf(here);
  const describe = (holder: Holder) => describeHolder(holder, context.clock.now());
  const freed = await forceRelease({
    ...{ table, clock, key, id, force, describe, signal: context.signal },
    confirm: (holder) => context.prompter.confirmByTyping(question(name, describe(holder), word), word),
    onWatch: (_holder, leaseMs) =>
      context.notices.line(`watching ${name} for a heartbeat, up to ${formatDuration(leaseMs)}`),
  });
  context.out.document({ table: table.name, key, released: freed !== undefined, forced: force, holder: freed ?? null });
  context.out.text(freed ? `freed ${name}; it was held by ${describe(freed)}` : `${name} is free: nothing to do`);
  return undefined;
}

const question = (name: string, holder: string, word: string) =>
  `This frees ${name}, held by ${holder}; two runs at once would get in each other's way if that one is alive. Type ${word} to go on:`;

function environmentOf({ config }: Account) {
  const { prefix } = desire(config).names;
  return { key: environmentKey(config.project, config.environment), word: prefix, name: `the lock of ${prefix}` };
}

const laneOf = ({ config, account }: Account) => ({
  key: laneKey(account, config.region),
  word: 'workgroups',
  name: `the lock of workgroups in ${config.region}`,
});

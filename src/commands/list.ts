/** Every command there is, in the order of the help. A new one is one line here. */
import type { Command } from './definition.ts';
import { init } from './init.ts';
import { lockShow } from './lock.ts';
import { simCommands } from './sim.ts';

export const commands: readonly Command[] = [init, lockShow, ...simCommands];

export const groups: Readonly<Record<string, string>> = {
  sim: 'the AWS simulator on this machine',
  lock: 'who is changing what',
};

/** Every command there is, in the order of the help. A new one is one line here. */
import { backendCreate, backendDestroy, backendMove } from './backend.ts';
import { connect } from './connect.ts';
import type { Command } from './definition.ts';
import { diagnose } from './diagnose.ts';
import { down } from './down.ts';
import { init } from './init.ts';
import { lockRelease, lockShow } from './lock.ts';
import { plan } from './plan.ts';
import { replace } from './replace.ts';
import { scale } from './scale.ts';
import { simCommands } from './sim.ts';
import { status } from './status.ts';
import { test } from './test.ts';
import { up } from './up.ts';

export const commands: readonly Command[] = [
  init,
  plan,
  up,
  scale,
  replace,
  status,
  connect,
  test,
  diagnose,
  down,
  lockShow,
  lockRelease,
  backendCreate,
  backendMove,
  backendDestroy,
  ...simCommands,
];

export const groups: Readonly<Record<string, string>> = {
  sim: 'the AWS simulator on this machine',
  'sim fault': 'what is to go wrong in the simulator',
  lock: 'who is changing what',
  backend: 'where ledgers and locks are kept',
};

/**
 * A run that is stopped for longer than its lease (SIGSTOP, as a closed laptop or a paused machine): another run takes
 * over and finishes; the first notices before its next change, changes nothing, and ends with 4.
 */
import type { ChildProcess } from 'node:child_process';
import { beforeAll, describe, expect, test } from 'vitest';
import type { SimRequest } from '../../src/commands/sim/serve.ts';
import { RealClock } from '../../src/shared/clock.ts';
import { ensureBuilt, eventsIn, finished, type Sandbox, watchEvents } from '../support/program.ts';
import { full } from '../support/seed.ts';
import { createNaming, openRound, readLedger } from './kill-rounds.ts';

/** Real ms; the least that rsds allows, and what it uses at the speed of these tests. */
const leaseMs = 5_000;
const clock = new RealClock();

/** Whichever wakes first tells it: the heartbeat, or the answer of a call, whose outcome another's ledger refuses. */
const lost = /^(lock\/lost|ledger\/fenced)$/;

beforeAll(() => ensureBuilt(), 120_000);

const up = ['up', '--sim', '--yes', '--json'] as const;

/** Starts a run and stops it when the event of that name has come. */
async function stopAt(
  box: Sandbox,
  moment: string,
): Promise<{ child: ChildProcess; ended: ReturnType<typeof finished> }> {
  const child = box.start(...up);
  const ended = finished(child);
  const name = createNaming();
  await new Promise<void>((stopped, failed) => {
    watchEvents(child, (event) => {
      if (name(event) !== moment) return;
      child.kill('SIGSTOP');
      stopped();
    });
    void ended.then(({ stderr }) => failed(new Error(`it ended before ${moment}: ${stderr}`)));
  });
  return { child, ended };
}

/** What has been changed so far, the lock's own records apart. */
async function changes(box: Sandbox): Promise<readonly SimRequest[]> {
  const { requests } = await box.ask<{ requests: SimRequest[] }>('sim', 'log');
  return requests.filter(({ service, operation }) => service !== 'dynamodb' && !/^(Get|List|Describe)/.test(operation));
}

const moments = [
  ['in the workgroup lane', 'change-applied producer/workgroup #1'],
  ['while a change is under way', 'change-started producer/namespace #1'],
  ['between two changes', 'change-applied vpc/route-table #1'],
] as const;

describe.each(full ? moments : moments.slice(0, 1))('stopped %s for longer than a lease', (_when, moment) => {
  test('it finds its lock lost, changes nothing more and ends with 4; who took over has finished the work', async () => {
    const box = await openRound();
    try {
      const { child, ended } = await stopAt(box, moment);
      const second = await box.run(...up);
      expect(second.exit, second.stderr).toBe(0);
      const before = await changes(box);
      child.kill('SIGCONT');
      const first = await ended;
      expect(eventsIn(first).at(-1)).toMatchObject({ event: 'result', error: { code: expect.stringMatching(lost) } });
      expect(first.exit).toBe(4);
      expect((await changes(box)).slice(before.length)).toEqual([]);
      expect(readLedger(box).runs.at(-1)).toMatchObject({ outcome: 'done' });
      expect(await box.ask('lock', 'show', '--sim')).toMatchObject({
        environment: { held: false },
        lane: { held: false },
      });
    } finally {
      await box.remove();
    }
  }, 60_000);
});

test('stopped for longer than a lease with nobody waiting, it goes on', async () => {
  const box = await openRound();
  try {
    const { child, ended } = await stopAt(box, 'change-applied vpc/route-table #1');
    await clock.sleep(1.5 * leaseMs);
    child.kill('SIGCONT');
    const run = await ended;
    expect(run.exit, run.stderr).toBe(0);
  } finally {
    await box.remove();
  }
}, 60_000);

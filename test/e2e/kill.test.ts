/**
 * `kill -9` at any moment: the same command goes on and ends where an undisturbed run would have ended, with nothing
 * twice and nothing orphaned. `RSDS_SEED` repeats a choice of moments.
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Semaphore } from '../../src/engine/semaphore.ts';
import { ensureBuilt, eventsIn, type ProgramEvent, type Sandbox } from '../support/program.ts';
import { full, seed } from '../support/seed.ts';
import {
  chooseMoments,
  kill,
  killSimulator,
  type Left,
  look,
  type Moment,
  openRound,
  readLedger,
  runUntil,
  startSimulated,
  withoutLaterSnapshots,
} from './kill-rounds.ts';

interface Undisturbed {
  readonly events: readonly ProgramEvent[];
  readonly left: Left;
}

/** Where up has stood an environment up, and the simulator has ended. */
const standing = mkdtempSync(join(tmpdir(), 'rsds-standing-'));
let up: Undisturbed;
let down: Undisturbed;
let scaleOut: Undisturbed;
let scaleIn: Undisturbed;

const outward = 'scale --consumers 3';
const inward = 'scale --consumers 1';

beforeAll(async () => {
  ensureBuilt();
  const box = await openRound();
  up = await undisturbed(box, 'up');
  cpSync(box.folder, standing, { recursive: true });
  await startSimulated(box);
  down = await undisturbed(box, 'down');
  await box.remove();
  scaleOut = await scaled(outward);
  scaleIn = await scaled(inward);
}, 120_000);
afterAll(() => rmSync(standing, { recursive: true }));

async function scaled(typed: string): Promise<Undisturbed> {
  const box = await openRound(standing);
  return undisturbed(box, typed).finally(() => box.remove());
}

async function undisturbed(box: Sandbox, typed: string): Promise<Undisturbed> {
  const run = await box.run(...typed.split(' '), '--sim', '--yes', '--json');
  expect(run.exit, run.stderr).toBe(0);
  return { events: eventsIn(run), left: await look(box) };
}

// Each round is three processes on a machine that may have two processors.
const rooms = new Semaphore(3);

async function inRound(body: (box: Sandbox) => Promise<void>, from?: string): Promise<void> {
  await rooms.acquire();
  try {
    const box = await openRound(from);
    await body(box).finally(() => box.remove());
  } finally {
    rooms.release();
  }
}

/** Kills what was typed when the moment has come; answers which process that was. */
async function killAt(box: Sandbox, typed: string, moment: Moment): Promise<number> {
  const { exit, pid, stderr } = await runUntil(box, typed, moment, kill);
  expect(exit, `${typed} ended before ${moment.name}: ${stderr}`).toBeNull();
  return pid;
}

/** Types it once more, and lets it run to its end. */
async function goOn(box: Sandbox, typed: string): Promise<void> {
  const [command = '', ...options] = typed.split(' ');
  const run = await box.run(command, ...options, '--sim', '--yes', '--json');
  expect(run.exit, run.stderr).toBe(0);
  expect(eventsIn(run).at(-1)).toMatchObject({ event: 'result', outcome: 'done' });
  expect(readLedger(box).runs.at(-1)).toMatchObject({ command, outcome: 'done' });
}

const named: Readonly<Record<string, string>> = {
  'while the network is made': 'change-started vpc/route-table #1',
  'right after a namespace was asked for': 'change-applied producer/namespace #1',
  'while a workgroup is CREATING': 'change-applied producer/workgroup #1',
  'while SQL runs': 'change-started consumer-1/database #2',
  'while a consumer is being registered': 'change-applied consumer-1/target #1',
};

/** The moment of the seed in one of `parts` equal parts of a run. */
const momentIn = (part: number, parts: number, { events }: Undisturbed): Moment =>
  chooseMoments(events, parts, seed)[part] ?? { name: 'none', delayMs: 0 };

/** Of the named ones, without `npm run test:full`. */
const inEachRun = ['while a workgroup is CREATING', 'while SQL runs'];
const chosen = Object.entries(named).filter(([when]) => full || inEachRun.includes(when));

/** So many moments by the seed: with those that are named forty-five in `npm run test:full`. */
const moments = full ? { up: 16, down: 8, scale: 8 } : { up: 1, down: 1, scale: 1 };
const parts = (count: number) => Array.from({ length: count }, (_, part) => part + 1);

/** Of the one resource that was waited for, or of several. */
const oneOrMore = expect.stringMatching(/^(aws\/unreachable|step\/failed)$/);

describe.concurrent(`kill -9 (seed ${seed})`, { timeout: 120_000 }, () => {
  const round = (moment: () => Moment) =>
    inRound(async (box) => {
      const killed = await killAt(box, 'up', moment());
      await goOn(box, 'up');
      expect(await look(box, [killed]), JSON.stringify(moment())).toEqual(up.left);
    });

  test.each(chosen)('of up %s', (_when, name) => round(() => ({ name, delayMs: 0 })));

  test.each(parts(moments.up))(`of up at the moment of the seed in part %i of ${moments.up}`, (part) =>
    round(() => momentIn(part - 1, moments.up, up)),
  );

  describe.each([
    ['out', outward, () => scaleOut],
    ['in', inward, () => scaleIn],
  ] as const)('of scaling %s', (_way, typed, run) => {
    test.each(parts(moments.scale))(`at the moment of the seed in part %i of ${moments.scale}`, (part) =>
      inRound(async (box) => {
        const moment = momentIn(part - 1, moments.scale, run());
        const killed = await killAt(box, typed, moment);
        await goOn(box, typed);
        expect(await look(box, [killed]), JSON.stringify(moment)).toEqual(run().left);
      }, standing),
    );
  });

  test('of up, and of the up that went on', () =>
    inRound(async (box) => {
      const first = await killAt(box, 'up', momentIn(1, 3, up));
      const second = await killAt(box, 'up', { name: 'run-started #1', delayMs: 60 });
      await goOn(box, 'up');
      expect(await look(box, [first, second])).toEqual(up.left);
    }));

  test.each(parts(moments.down))(`of down at the moment of the seed in part %i of ${moments.down}`, (part) =>
    inRound(async (box) => {
      const moment = momentIn(part - 1, moments.down, down);
      const killed = await killAt(box, 'down', moment);
      await goOn(box, 'down');
      expect(withoutLaterSnapshots(await look(box, [killed])), JSON.stringify(moment)).toEqual(down.left);
    }, standing),
  );

  test.each([
    ['while a workgroup is CREATING', () => ({ name: 'change-applied producer/workgroup #1', delayMs: 150 })],
    // What has been told was kept before: the ledger must not know of more than the account.
    ['right after a change', () => ({ ...momentIn(0, 1, up), delayMs: 0 })],
  ])('of the simulator %s', (_when, moment: () => Moment) =>
    inRound(async (box) => {
      const struck = await runUntil(box, 'up', moment(), () => killSimulator(box));
      expect(struck.exit, struck.stderr).toBe(1);
      const [last] = eventsIn(struck).slice(-1);
      const message = expect.stringContaining('cannot be reached at 127.0.0.1');
      expect(last).toMatchObject({ event: 'result', outcome: 'failed', error: { code: oneOrMore, message } });
      await startSimulated(box);
      await goOn(box, 'up');
      const { world, ledger, holders } = up.left;
      expect(await look(box, [struck.pid]), JSON.stringify(moment())).toMatchObject({ world, ledger, holders });
    }),
  );
});

/**
 * Ctrl-C in every phase of a run, once and twice, in a real terminal: it says so at once, gives its locks back, ends with
 * 130, and what it printed goes on from there. And the other ways to be told to stop.
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { Semaphore } from '../../src/engine/semaphore.ts';
import { RealClock } from '../../src/shared/clock.ts';
import { ensureBuilt, eventsIn, finished, type Sandbox, watchEvents } from '../support/program.ts';
import { full } from '../support/seed.ts';
import { keys, openTerminal, type TerminalSession } from '../support/terminal.ts';
import { type Left, look, openRound, readLedger, startSimulated } from './kill-rounds.ts';

/** Where `up` has stood an environment up, and the simulator has ended. */
const standing = mkdtempSync(join(tmpdir(), 'rsds-standing-'));
const left: Record<string, Left> = {};

beforeAll(async () => {
  ensureBuilt();
  const box = await openRound();
  left.up = await undisturbed(box, 'up');
  cpSync(box.folder, standing, { recursive: true });
  if (full) {
    await startSimulated(box);
    left.down = await undisturbed(box, 'down', '--no-final-snapshot');
  }
  await box.remove();
  for (const count of full ? [1, 3] : [1]) {
    const scaled = await openRound(standing);
    left[`scale ${count}`] = await undisturbed(scaled, 'scale', '--consumers', String(count));
    await scaled.remove();
  }
}, 120_000);
afterAll(() => rmSync(standing, { recursive: true }));

async function undisturbed(box: Sandbox, ...words: readonly string[]): Promise<Left> {
  const run = await box.run(...words, '--sim', '--yes');
  expect(run.exit, run.stderr).toBe(0);
  return look(box);
}

// Each round is three processes on a machine that may have two processors.
const rooms = new Semaphore(3);

async function inRound(from: string | undefined, body: (box: Sandbox) => Promise<void>): Promise<void> {
  await rooms.acquire();
  try {
    const box = await openRound(from);
    await body(box).finally(() => box.remove());
  } finally {
    rooms.release();
  }
}

interface Phase {
  /** What is typed, without --sim and --yes. */
  readonly words: readonly string[];
  /** Begins where `up` ended. */
  readonly stands?: boolean;
  /** Of which operation one call takes some seconds, so that the phase lasts. */
  readonly slow?: string;
  /** What is told then. */
  readonly tells: RegExp;
  /** What an undisturbed run would have left. */
  readonly end: string;
}

const scaleIn = { words: ['scale', '--consumers', '1'], stands: true, end: 'scale 1' };
const down = { words: ['down', '--no-final-snapshot'], stands: true, end: 'down' };

const phases: Readonly<Record<string, Phase>> = {
  'while a change is under way': {
    words: ['up'],
    slow: 'CreateNamespace',
    tells: /namespace +creating/,
    end: 'up',
  },
  'in a long wait': { words: ['up'], tells: /producer\/workgroup +(CREATING|MODIFYING)/, end: 'up' },
  'while SQL runs': { words: ['up'], slow: 'DescribeStatement', tells: /init-sql +running SQL/, end: 'up' },
  'while it scales out': {
    words: ['scale', '--consumers', '3'],
    stands: true,
    slow: 'CreateEndpointAccess',
    tells: /consumer-3\/endpoint +creating/,
    end: 'scale 3',
  },
  'while connections drain': { ...scaleIn, tells: /consumer-2\/traffic +draining/ },
  'while it deletes': { ...down, tells: /workgroup +DELETING/ },
};

/** These; all of them in `npm run test:full`. */
const some = (sample: readonly string[]) => Object.entries(phases).filter(([when]) => full || sample.includes(when));

async function begin(box: Sandbox, { words, slow, tells }: Phase): Promise<TerminalSession> {
  // At the speed of these tests four seconds, for one call.
  if (slow) await box.run('sim', 'fault', 'add', 'slow', '--operation', slow, '--times', '1', '--seconds', '1600');
  const terminal = openTerminal(box, [...words, '--sim', '--yes'], { cols: 110, rows: 40 });
  await terminal.told(tells);
  return terminal;
}

const cursorIsBack = (terminal: TerminalSession) =>
  expect(terminal.raw().lastIndexOf('\u001b[?25h')).toBeGreaterThan(terminal.raw().lastIndexOf('\u001b[?25l'));

interface LockDocument {
  readonly environment: { readonly held: boolean } | null;
  readonly lane: { readonly held: boolean } | null;
}

async function locksAreFree(box: Sandbox): Promise<void> {
  const { environment, lane } = await box.ask<LockDocument>('lock', 'show', '--sim');
  expect([environment?.held ?? false, lane?.held ?? false]).toEqual([false, false]);
}

/** Types what was printed, and looks whether all is as if nobody had interfered. */
async function goesOn(box: Sandbox, { words, end }: Phase, screen: string): Promise<void> {
  expect(screen.replace(/\s+/g, ' ')).toContain(['rsds', ...words, '--sim', '--yes'].join(' '));
  await box.run('sim', 'fault', 'clear');
  const run = await box.run(...words, '--sim', '--yes');
  expect(run.exit, run.stderr).toBe(0);
  expect(await look(box)).toEqual(left[end]);
}

describe.concurrent('Ctrl-C', { timeout: 120_000 }, () => {
  test.each(some(['while a change is under way', 'while connections drain']))(
    'once, %s: it stops safely',
    (_when, phase) =>
      inRound(phase.stands ? standing : undefined, async (box) => {
        const terminal = await begin(box, phase);
        terminal.type(keys.ctrlC);
        await terminal.shows('stopping after the call that is under way');
        expect(await terminal.ended).toBe(130);
        cursorIsBack(terminal);
        await locksAreFree(box);
        expect(readLedger(box).runs.at(-1)).toMatchObject({ outcome: 'run/interrupted', endedAt: expect.any(Number) });
        await goesOn(box, phase, terminal.screen());
      }),
  );

  test.each(some(['while SQL runs', 'while connections drain']))('twice, %s: it leaves at once', (_when, phase) =>
    inRound(phase.stands ? standing : undefined, async (box) => {
      const terminal = await begin(box, phase);
      terminal.type(keys.ctrlC);
      await terminal.shows('once more to leave at once');
      terminal.type(keys.ctrlC);
      expect(await terminal.ended).toBe(130);
      cursorIsBack(terminal);
      await goesOn(box, phase, terminal.screen());
    }),
  );

  test.each([
    ['the plan of up', ['up'], undefined, 'Make these changes?'],
    ['the name that down wants typed', ['down'], standing, 'Type airline-dev to go on'],
  ])('at the question for %s: nothing was changed', (_what, words, from, question) =>
    inRound(from, async (box) => {
      const before = await box.ask<{ requests: unknown[] }>('sim', 'log', '--mutating');
      const terminal = openTerminal(box, [...words, '--sim'], { cols: 110, rows: 80 });
      await terminal.shows(question);
      terminal.type(keys.ctrlC);
      expect(await terminal.ended).toBe(130);
      await terminal.shows('nothing was changed');
      cursorIsBack(terminal);
      const after = await box.ask<{ requests: unknown[] }>('sim', 'log', '--mutating');
      expect(after.requests.length).toBe(before.requests.length);
    }),
  );

  test('after the one question of a first up, which is for the lock table, too', () =>
    inRound(undefined, async (box) => {
      const terminal = openTerminal(box, ['up', '--sim'], { cols: 110, rows: 80 });
      await terminal.shows('Make these changes?');
      expect(terminal.screen()).toContain('before all that: the lock table rsds-locks in us-east-1');
      terminal.type(`y${keys.enter}`);
      await terminal.told(/producer\/workgroup +(CREATING|MODIFYING)/);
      terminal.type(keys.ctrlC);
      expect(await terminal.ended).toBe(130);
      await locksAreFree(box);
    }));

  test('while it waits for the lock of another run: that one is not disturbed', () =>
    inRound(undefined, async (box) => {
      await box.run(
        'sim',
        'fault',
        'add',
        'slow',
        '--operation',
        'CreateWorkgroup',
        '--times',
        '1',
        '--seconds',
        '2400',
      );
      const first = box.start('up', '--sim', '--yes', '--json');
      const ended = finished(first);
      await new Promise<void>((started) => watchEvents(first, ({ event }) => event === 'run-started' && started()));
      const second = openTerminal(box, ['up', '--sim', '--yes'], { cols: 110, rows: 80 });
      await second.told(/waiting for \S+@/);
      second.type(keys.ctrlC);
      expect(await second.ended, second.screen()).toBe(130);
      cursorIsBack(second);
      const { exit, stderr } = await ended;
      expect(exit, stderr).toBe(0);
      expect(await look(box)).toEqual(left.up);
    }));

  test('while it waits for the workgroup lane of another environment', () =>
    inRound(undefined, async (box) => {
      await box.run(
        'sim',
        'fault',
        'add',
        'slow',
        '--operation',
        'CreateWorkgroup',
        '--times',
        '1',
        '--seconds',
        '1600',
      );
      const first = box.start('up', '--sim', '--yes', '--env', 'test', '--lock-wait', '10h');
      const ended = finished(first);
      const second = openTerminal(box, ['up', '--sim', '--yes'], { cols: 110, rows: 80 });
      await second.told(/workgroup +waiting .*its turn/);
      second.type(keys.ctrlC);
      expect(await second.ended).toBe(130);
      const again = await box.run('up', '--sim', '--yes', '--lock-wait', '10h');
      expect(again.exit, again.stderr).toBe(0);
      const { exit, stderr } = await ended;
      expect(exit, stderr).toBe(0);
      for (const env of ['dev', 'test']) expect((await box.run('plan', '--check', '--sim', '--env', env)).exit).toBe(0);
    }));
});

describe.concurrent('without a terminal', { timeout: 120_000 }, () => {
  /** Runs `up` and does something to it while the producer's workgroup is made. */
  async function stopped(box: Sandbox, signal: NodeJS.Signals) {
    const child = box.start('up', '--sim', '--yes', '--json');
    const ended = finished(child);
    watchEvents(child, ({ event, resource }) => {
      if (event === 'change-applied' && resource?.id === 'producer/workgroup') child.kill(signal);
    });
    return ended;
  }

  test.each([
    ['SIGINT', 130, 'run/interrupted'],
    ['SIGTERM', 143, 'run/terminated'],
    ['SIGHUP', 129, 'run/hung-up'],
  ] as const)('%s ends with %i and a result that says so', (signal, exit, code) =>
    inRound(undefined, async (box) => {
      const run = await stopped(box, signal);
      expect([run.exit, eventsIn(run).at(-1)]).toMatchObject([
        exit,
        { event: 'result', outcome: 'interrupted', error: { code } },
      ]);
      await locksAreFree(box);
      const again = await box.run('up', '--sim', '--yes');
      expect(again.exit, again.stderr).toBe(0);
      expect(await look(box)).toEqual(left.up);
    }),
  );

  test('a terminal that is closed in the middle of a run: the locks are given back all the same', () =>
    inRound(undefined, async (box) => {
      const terminal = await begin(box, phases['in a long wait']!);
      terminal.close();
      await vi.waitFor(() => expect(readLedger(box).runs.at(-1)?.outcome).toBe('run/hung-up'), { timeout: 15_000 });
      await new RealClock().sleep(300);
      await locksAreFree(box);
    }));
});

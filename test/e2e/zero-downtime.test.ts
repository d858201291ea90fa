/**
 * Clients at work, in the shipped program and through everything at once (`npm run test:full`): while rsds scales,
 * replaces and resizes, fifty clients connect, query, leave and come back, and none is refused or loses an answer; also
 * when rsds is killed in the middle of each and typed again.
 *
 * `npm run evidence` goes through all of it and writes docs/evidence/zero-downtime.md with its picture.
 */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { RealClock } from '../../src/shared/clock.ts';
import { ensureBuilt, finished, type Sandbox } from '../support/program.ts';
import { kill, openRound, runUntil } from './kill-rounds.ts';

beforeAll(() => ensureBuilt(), 120_000);

const clock = new RealClock();
const yaml = (baseCapacity: number) => `project: airline
region: us-east-1
producer: { initSql: [schema.sql], baseCapacity: 8 }
consumers: { count: 2, baseCapacity: ${baseCapacity} }
`;

interface Step {
  readonly what: string;
  readonly typed: string;
  /** When rsds is killed; typed again, it goes on. */
  readonly killedAt: string;
  /** What is changed in rsds.yaml before. */
  readonly baseCapacity?: number;
}

const steps: readonly Step[] = [
  { what: 'scale out, 2 to 5', typed: 'scale --consumers 5', killedAt: 'change-applied consumer-4/workgroup #1' },
  { what: 'scale in, 5 to 2', typed: 'scale --consumers 2', killedAt: 'change-applied consumer-5/target #1' },
  { what: 'replace a consumer', typed: 'replace consumer-2', killedAt: 'change-applied consumer-2/target #1' },
  { what: 'another size', typed: 'up', killedAt: 'change-started consumer-1/workgroup #2', baseCapacity: 16 },
];
const connections = 50;
/** Real ms. */
const settlingMs = 5_000;

interface LoadDocument {
  readonly load: {
    readonly seconds: number;
    readonly opened: number;
    readonly queries: number;
    readonly consumers: readonly { readonly short: string; readonly queries: number }[];
    readonly errors: readonly { readonly layer: string; readonly code: string; readonly message: string }[];
  };
}

interface Done {
  readonly what: string;
  readonly typed: string;
  readonly from: number;
  readonly killedAt: number;
  readonly to: number;
}

/** As fast as `--sim` has it, so that the picture shows what a user sees. */
async function slowDown(box: Sandbox): Promise<void> {
  await box.run('sim', 'stop');
  await box.ask('sim', 'start', '--speed', '60');
}

/** Kills the step half-way, types it again; answers when it was, in seconds since `begun`. */
async function carryOut(box: Sandbox, step: Step, begun: number): Promise<Done> {
  const seconds = () => Math.round((clock.elapsed() - begun) / 100) / 10;
  if (step.baseCapacity !== undefined) writeFileSync(join(box.folder, 'rsds.yaml'), yaml(step.baseCapacity));
  const from = seconds();
  const struck = await runUntil(box, step.typed, { name: step.killedAt, delayMs: 20 }, kill);
  expect(struck.exit, `${step.typed} ended before ${step.killedAt}: ${struck.stderr}`).toBeNull();
  const killedAt = seconds();
  const again = await box.run(...step.typed.split(' '), '--sim', '--yes', '--json');
  expect(again.exit, again.stderr).toBe(0);
  return { what: step.what, typed: step.typed, from, killedAt, to: seconds() };
}

test('scaling, replacing and resizing, killed half-way and typed again: no client is refused or loses an answer', {
  timeout: 600_000,
}, async () => {
  const box = await openRound();
  try {
    writeFileSync(join(box.folder, 'rsds.yaml'), yaml(8));
    await slowDown(box);
    const up = await box.run('up', '--sim', '--yes');
    expect(up.exit, up.stderr).toBe(0);
    const words = ['test', 'load', '--sim', '--yes', '--json', '--report', 'load.md'];
    const child = box.start(...words, '--connections', String(connections), '--seconds', '900');
    const ended = finished(child);
    // It looks at everything first, then connects.
    await clock.sleep(6_000);
    const begun = clock.elapsed();
    const done: Done[] = [];
    for (const step of steps) {
      done.push(await carryOut(box, step, begun));
      // Clients find who is new when they connect again.
      await clock.sleep(settlingMs);
    }
    child.kill('SIGINT');
    const { exit, stdout, stderr } = await ended;
    const { load } = JSON.parse(stdout) as LoadDocument;
    expect(load.errors, stderr).toEqual([]);
    expect(exit).toBe(130);
    expect(load.opened).toBeGreaterThan(connections);
    expect(load.consumers.filter(({ short, queries }) => short !== 'total' && queries > 0).length).toBeGreaterThan(2);
    if (process.env.RSDS_UPDATE === '1') keepEvidence(box, done);
  } finally {
    await box.remove();
  }
});

/** What the load says of itself, and when rsds did what. */
function keepEvidence(box: Sandbox, done: readonly Done[]): void {
  const folder = resolve('docs/evidence');
  mkdirSync(folder, { recursive: true });
  copyFileSync(join(box.folder, 'load.svg'), join(folder, 'zero-downtime.svg'));
  const rows = done.map(
    ({ what, typed, from, killedAt, to }) => `| ${from} s | ${what} | \`rsds ${typed}\` | ${killedAt} s | ${to} s |`,
  );
  const text = readFileSync(join(box.folder, 'load.md'), 'utf8').replaceAll('load.svg', 'zero-downtime.svg');
  const times = ['| from | what | command | killed at, and typed again | ended |', '|---|---|---|---|---|', ...rows];
  writeFileSync(
    join(folder, 'zero-downtime.md'),
    `${text.trimEnd()}\n\n## What was done meanwhile\n\n${times.join('\n')}\n`,
  );
}

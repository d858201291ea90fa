/** `rsds test load` in a real terminal, as the program is shipped: figures that are repainted, Ctrl-C, what is left. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSandbox, ensureBuilt, type Sandbox } from '../support/program.ts';
import { plainYaml, schemaSql } from '../support/standing.ts';
import { keys, openTerminal } from '../support/terminal.ts';

let box: Sandbox;

beforeAll(async () => {
  ensureBuilt();
  box = createSandbox();
  writeFileSync(join(box.folder, 'rsds.yaml'), plainYaml(2));
  writeFileSync(join(box.folder, 'schema.sql'), schemaSql);
  await box.ask('sim', 'start', '--speed', '400');
  const up = await box.run('up', '--sim', '--yes');
  expect(up.exit, up.stderr).toBe(0);
}, 120_000);
afterAll(() => box.remove());

const load = ['test', 'load', '--sim', '--connections', '6', '--seconds', '600'];

test('asks for the price, repaints the figures, and tells at Ctrl-C what it has', async () => {
  const terminal = openTerminal(box, [...load, '--report', 'load.md'], { cols: 100, rows: 40 });
  await terminal.shows('Load 6 connections for 600 seconds? It wakes 2 consumers for 10 minutes at least, about $4.00');
  terminal.type(`y${keys.enter}`);
  await terminal.shows(/load on airline-dev from this machine: [3-9] of 600 s/);
  expect(terminal.screen().match(/of 600 s/g)).toHaveLength(1);
  expect(terminal.screen()).toMatch(/consumer-[12] +\d+ open +\d+ queries +█/);
  terminal.type(keys.ctrlC);
  expect(await terminal.ended).toBe(130);
  const screen = terminal.screen();
  expect(screen).toContain('ending early; once more to leave at once');
  expect(screen).toMatch(/total +\d+ +\d+\.\d .* 0\n/);
  expect(screen).toContain('no fault found');
  expect(readFileSync(join(box.folder, 'load.md'), 'utf8')).toContain('of 600 seconds');
  expect(existsSync(join(box.folder, 'load.svg'))).toBe(true);
});

test('at the second Ctrl-C it leaves at once, and the cursor is there again', async () => {
  const terminal = openTerminal(box, [...load, '--yes']);
  await terminal.shows(/: [1-9] of 600 s/);
  terminal.type(keys.ctrlC + keys.ctrlC);
  expect(await terminal.ended).toBe(130);
  expect(terminal.raw().lastIndexOf('\u001b[?25h')).toBeGreaterThan(terminal.raw().lastIndexOf('\u001b[?25l'));
});

test('without a terminal nothing is asked: the flag is named, and with it there is a document', async () => {
  const refused = await box.run(...load);
  expect([refused.exit, refused.stdout]).toEqual([2, '']);
  expect(refused.stderr).toContain('pass --yes');
  const document = await box.ask<{ load: { queries: number }; from: string }>(
    ...load.slice(0, 5),
    '--seconds',
    '1',
    '--yes',
  );
  expect(document).toMatchObject({ from: 'this machine', load: { queries: expect.any(Number) } });
});

test('SIGTERM while it still looks around ends it with 143', async () => {
  const child = box.start(...load, '--yes');
  const ended = new Promise((resolve) => child.once('close', resolve));
  await new Promise<void>((resolve) => {
    child.stderr?.on('data', (part: Buffer) => {
      if (String(part).includes('airline dev in us-east-1')) resolve();
    });
  });
  child.kill('SIGTERM');
  expect(await ended).toBe(143);
});

/** Every `rsds connect …` of its guide does what the guide says, and every client is in it. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { commands, groups } from '../../src/commands/list.ts';
import { select } from '../../src/commands/register.ts';
import { clientNames } from '../../src/model/connection/names.ts';
import { buildStanding, openStanding } from '../diagnose/standing.ts';

const guide = readFileSync('docs/guides/connecting.md', 'utf8');
const blocks = [...guide.matchAll(/^```sh\n([\s\S]*?)^```/gm)].flatMap(([, block = '']) => block.trim().split('\n'));
const lines = blocks.filter((line) => line.startsWith('rsds '));

test('every command is answered by an environment that stands', async () => {
  const project = await openStanding(await buildStanding());
  expect(lines.length).toBeGreaterThan(8);
  for (const line of lines) {
    const selection = select({ about: '', version: '', commands, groups }, line.split(' ').slice(1));
    if (selection.kind !== 'command') throw new Error(`${line} is no command`);
    const { command, input, global } = selection;
    const ran = await project.run(command.name, { options: input.options as never, json: global.json === true });
    expect([line, ran.error?.message, ran.exitCode]).toEqual([line, undefined, 0]);
    expect(ran.stdout.length).toBeGreaterThan(50);
  }
});

test('every client is explained, in the order of the command', () => {
  expect([...guide.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, name]) => name)).toEqual(clientNames);
});

/** Every `rsds …` of the guide to testing does what the guide says, on an environment that is well. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { commands, groups } from '../../src/commands/list.ts';
import { select } from '../../src/commands/register.ts';
import { connectionChecks } from '../../src/diagnose/connections/judge.ts';
import { layers } from '../../src/probe/plan.ts';
import { openLiveProject } from '../support/live-project.ts';
import { pythonIsThere } from '../support/python.ts';
import { buildStandingProject, plainYaml } from '../support/standing.ts';

const guide = readFileSync('docs/guides/testing.md', 'utf8');
const blocks = [...guide.matchAll(/^```sh\n([\s\S]*?)^```/gm)].flatMap(([, block = '']) => block.trim().split('\n'));
const python = pythonIsThere();
const lines = blocks
  .map((line) => line.replace(/\s+#.*$/, ''))
  .filter((line) => line.startsWith('rsds '))
  // Simulated instances run what they are told with this machine's Python.
  .filter((line) => python || !line.includes('--from instances'));

test('every command finds no fault where there is none', { timeout: 90_000 }, async () => {
  const project = await openLiveProject(await buildStandingProject(plainYaml(2)));
  expect(lines.length).toBeGreaterThan(7);
  for (const line of lines) {
    const selection = select({ about: '', version: '', commands, groups }, line.split(' ').slice(1));
    if (selection.kind !== 'command') throw new Error(`${line} is no command`);
    const { command, input } = selection;
    // A second shows as much of a load as five minutes.
    const seconds = input.arguments.kind === 'load' ? 1 : undefined;
    const options = { ...input.options, seconds };
    const ran = await project.run(command.name, { options, arguments: input.arguments as Record<string, string> });
    expect([line, ran.error?.message, ran.exitCode]).toEqual([line, undefined, 0]);
    expect(ran.stdout).toContain('no fault found');
  }
});

const listed = (heading: string) => {
  const [, rest = ''] = guide.split(`| ${heading} |`);
  return [...(rest.split('\n\n')[0] ?? '').matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, name]) => name);
};

test('every layer is explained, in its order', () => {
  expect(listed('layer')).toEqual([...layers]);
});

test('every check of connections is explained', () => {
  expect(listed('check')).toEqual(
    [...connectionChecks].sort((one, other) => listed('check').indexOf(one) - listed('check').indexOf(other)),
  );
  expect(listed('check')).toHaveLength(connectionChecks.length);
});

/** Every `rsds …` of the guide to scaling does what the guide says, one after the other, on an environment that stands. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { commands, groups } from '../../src/commands/list.ts';
import { select } from '../../src/commands/register.ts';
import { buildStandingProject, openStandingProject, plainYaml } from '../support/standing.ts';

const guide = readFileSync('docs/guides/scaling.md', 'utf8');
const blocks = [...guide.matchAll(/^```sh\n([\s\S]*?)^```/gm)].flatMap(([, block = '']) => block.trim().split('\n'));
const lines = blocks.filter((line) => line.startsWith('rsds '));

/** What `scale` and `replace` leave behind the load balancer, as `status` shows it. */
const consumersIn = (status: string) =>
  [...status.matchAll(/airline-dev-(consumer-\d+) +AVAILABLE/g)].map(([, short]) => short);

test('every command does what it says, in the order in which they stand there', { timeout: 120_000 }, async () => {
  const project = await openStandingProject(await buildStandingProject(plainYaml(3)));
  expect(lines.length).toBeGreaterThan(6);
  const left: (readonly [string, readonly (string | undefined)[]])[] = [];
  for (const line of lines) {
    const selection = select({ about: '', version: '', commands, groups }, line.split(' ').slice(1));
    if (selection.kind !== 'command') throw new Error(`${line} is no command`);
    const { command, input } = selection;
    const { options, arguments: words } = input;
    const ran = await project.run(command.name, { options, arguments: words as Record<string, string> });
    expect([line, ran.error?.message]).toEqual([line, undefined]);
    if (/scale|replace/.test(command.name)) left.push([line, consumersIn((await project.run('status')).stdout)]);
  }
  expect(Object.fromEntries(left)).toMatchObject({
    'rsds scale --consumers 5': ['consumer-1', 'consumer-2', 'consumer-3', 'consumer-4', 'consumer-5'],
    'rsds scale --remove consumer-2': ['consumer-1', 'consumer-3', 'consumer-4', 'consumer-5'],
    'rsds replace consumer-3': ['consumer-1', 'consumer-4', 'consumer-5', 'consumer-6'],
    'rsds scale --consumers 3': ['consumer-1', 'consumer-4', 'consumer-5'],
    'rsds scale --consumers 1 --snapshot': ['consumer-1'],
  });
});

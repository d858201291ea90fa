import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { sharedChecks, warehouseChecks } from '../../src/diagnose/checks/index.ts';

const guide = readFileSync('docs/guides/diagnose.md', 'utf8');
const [, shared = '', each = ''] = guide.split(/^Of what all warehouses share:$|^Of each warehouse:$/m);
const listed = (part: string) => [...part.split('\n## ')[0]!.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, name]) => name);

test('the guide explains every check, in the order of the report', () => {
  expect(listed(shared)).toEqual(sharedChecks.map(({ name }) => name));
  expect(listed(each)).toEqual(warehouseChecks.map(({ name }) => name));
});

test('every fact that a check cites is numbered in the pages on AWS', async () => {
  const { readdirSync } = await import('node:fs');
  const read = (folder: string) =>
    (readdirSync(folder, { recursive: true }) as string[])
      .filter((file) => /\.(ts|md)$/.test(file))
      .map((file) => readFileSync(`${folder}/${file}`, 'utf8'))
      .join('\n');
  const numbered = new Set([...read('docs/aws-behaviour').matchAll(/^\| (F-\d{3}) \|/gm)].map(([, number]) => number));
  const cited = new Set([...read('src/diagnose').matchAll(/F-\d{3}/g)].map(([number]) => number));
  expect([...cited].filter((number) => !numbered.has(number))).toEqual([]);
});

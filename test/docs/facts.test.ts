/** Every number that is cited is a fact that is written down, once; every fact is cited. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');

const filesBelow = (folder: string, ending: RegExp): string[] =>
  (readdirSync(join(root, folder), { recursive: true }) as string[])
    .filter((file) => ending.test(file))
    .map((file) => join(root, folder, file));

const textOf = (file: string) => readFileSync(file, 'utf8');

const cited = new Set(
  [...filesBelow('src', /\.(ts|mjs)$/), ...filesBelow('test', /\.ts$/)].flatMap(
    (file) => textOf(file).match(/\bF-\d{1,3}\b/g) ?? [],
  ),
);
const pages = filesBelow('docs/aws-behaviour', /\.md$/);
const defined = pages.flatMap((file) =>
  [...textOf(file).matchAll(/^\| *(F-\d{1,3}) *\|/gm)].map(([, number]) => number as string),
);

describe('the facts about AWS', () => {
  it('are defined where they are cited', () => {
    expect([...cited].filter((number) => !defined.includes(number))).toEqual([]);
  });

  it('are defined once', () => {
    expect(defined.filter((number, index) => defined.indexOf(number) !== index)).toEqual([]);
  });

  it('are cited', () => {
    expect(defined.filter((number) => !cited.has(number))).toEqual([]);
  });

  it('have a source or say that they are assumed', () => {
    const lines = pages.flatMap((file) =>
      textOf(file)
        .split('\n')
        .filter((line) => /^\| *F-\d/.test(line)),
    );
    const bare = lines.filter((line) => (line.split(/(?<!\\)\|/).at(-2) ?? '').trim().length < 2);
    expect(bare).toEqual([]);
  });

  it('have every page in the index', () => {
    const index = textOf(join(root, 'docs', 'aws-behaviour.md'));
    expect(
      pages.map((file) => file.split('/').at(-1)).filter((page) => !index.includes(`aws-behaviour/${page}`)),
    ).toEqual([]);
  });
});

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Key } from '../../src/config/fields.ts';
import { parameterNames } from '../../src/config/parameters.ts';
import { keys } from '../../src/config/schema.ts';

const guide = readFileSync(new URL('../../docs/guides/configuration.md', import.meta.url), 'utf8');

/** Every key with its full path, `producer.usageLimits[].period`; sections themselves have headings instead. */
function paths(prefix: string, known: Readonly<Record<string, Key<unknown>>>): [string, Key<unknown>][] {
  return Object.entries(known).flatMap(([name, key]): [string, Key<unknown>][] => {
    const { kind } = key;
    const path = `${prefix}${name}`;
    if (kind.keys) return paths(`${path}.`, kind.keys);
    return [
      [path, key],
      ...paths(`${path}[].`, kind.item?.keys ?? {}),
      ...paths(`${path}.<name>.`, kind.value?.keys ?? {}),
    ];
  });
}

const schema = new Map(paths('', keys));
const rows = new Map(
  [...guide.matchAll(/^\| `([^`]+)` \| (.*) \|$/gm)].map(([, path = '', cells = '']) => [
    path,
    cells.replaceAll('&lt;', '<').split(' | '),
  ]),
);

describe('the guide to the configuration', () => {
  it('lists every key, and no other', () => {
    expect([...rows.keys()].sort()).toEqual([...schema.keys(), 'environments'].sort());
  });

  it.each([...schema])('gives type, default, range and meaning of %s', (path, key) => {
    const shown = key.required ? 'none: required' : key.literal ? `\`${key.shownDefault}\`` : key.shownDefault;
    expect(rows.get(path)).toEqual([key.kind.type, shown, key.kind.allowed, key.about]);
  });

  it('names every section and every parameter', () => {
    for (const section of Object.keys(keys))
      if ('keys' in keys[section as keyof typeof keys].kind) expect(guide).toContain(`## ${section}`);
    for (const parameter of parameterNames) expect(guide).toContain(`\`${parameter}\``);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { keys } from '../../src/config/schema.ts';
import { ConfigError } from '../../src/shared/errors.ts';
import { load } from './faults.ts';

const scalar = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constantFrom(null, '10.0.0.0/23', '0.0.0.0/0', 'none', 'create', '__proto__', 'constructor', 'toString'),
);
const innerNames = Object.values(keys).flatMap(({ kind }) => Object.keys('keys' in kind ? (kind.keys ?? {}) : {}));
const names = fc.constantFrom(
  ...Object.keys(keys),
  ...innerNames,
  'environments',
  'dev',
  'prod',
  'x',
  '__proto__',
  'toString',
);
const anything = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    scalar,
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.array(fc.tuple(names, tie('tree')), { maxLength: 6 }).map((pairs) => new Map(pairs)),
  ),
})).tree;

/** Either it loads, or it has faults that all say where and what. */
async function settles(text: string): Promise<void> {
  try {
    await load(text);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    for (const fault of (error as ConfigError).faults) {
      expect(fault.message).not.toMatch(/undefined|\[object|NaN/);
      expect(fault.line ?? 1).toBeGreaterThan(0);
    }
  }
}

describe('whatever is in the file', () => {
  it('it loads or its faults are named: any text', async () => {
    await fc.assert(fc.asyncProperty(fc.string({ maxLength: 80 }), settles), { numRuns: 300 });
  });

  it('it loads or its faults are named: anything under any key', async () => {
    const file = fc.array(fc.tuple(names, anything), { maxLength: 8 }).map((pairs) => stringify(new Map(pairs)));
    await fc.assert(fc.asyncProperty(file, settles), { numRuns: 500 });
  });

  it('it loads or its faults are named: a good file with one line broken', async () => {
    const good =
      'project: airline\nregion: us-east-1\nconsumers:\n  count: 3\nnetwork: { vpc: { name: x } }\nenvironments:\n  dev: {}\n';
    const broken = fc
      .tuple(fc.nat(good.length), fc.nat(4), fc.string({ maxLength: 4 }))
      .map(([at, drop, added]) => good.slice(0, at) + added + good.slice(at + drop));
    await fc.assert(fc.asyncProperty(broken, settles), { numRuns: 500 });
  });
});

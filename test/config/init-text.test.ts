import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { type InitAnswers, initText } from '../../src/config/init-text.ts';
import { keys } from '../../src/config/schema.ts';
import { config } from './faults.ts';

/** What a file says, without the sections that say nothing. */
function said(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, said(inner)] as const);
  return Object.fromEntries(entries.filter(([, inner]) => inner != null && JSON.stringify(inner) !== '{}'));
}

const answers: fc.Arbitrary<InitAnswers> = fc.record(
  {
    project: fc.constantFrom('airline', 'no', 'a1-b2'),
    region: fc.constantFrom('us-east-1', 'eu-central-1'),
    tags: fc.constantFrom({}, { CostCenter: '0042', Team: 'data @ co: all' }),
    kmsKey: fc.constantFrom('create', 'aws-owned'),
    network: fc.record(
      {
        vpc: fc.constantFrom('create' as const, { id: 'vpc-0123456789abcdef0' }, { name: 'shared: vpc' }),
        clientCidrs: fc.constantFrom(['10.0.0.0/16'], ['10.0.0.0/16', '192.168.4.0/24']),
        enhancedVpcRouting: fc.boolean(),
      },
      { requiredKeys: [] },
    ),
    producer: fc.record(
      { database: fc.constantFrom('dw', 'y'), initSql: fc.constant(['tables.sql']) },
      { requiredKeys: [] },
    ),
    consumers: fc.record(
      { count: fc.integer({ min: 0, max: 8 }), baseCapacity: fc.constantFrom(8, 64) },
      { requiredKeys: [] },
    ),
    workloads: fc.constantFrom({}, { bi: { baseCapacity: 16 }, ml: {} }),
    environments: fc.constantFrom({ dev: {} }, { dev: { consumers: { count: 1 } }, prod: { tags: { tier: 'gold' } } }),
  },
  { requiredKeys: ['project', 'region'] },
);

describe('the file that init writes', () => {
  it('loads back to exactly the answers', async () => {
    await fc.assert(
      fc.asyncProperty(answers, async (given) => {
        const text = await initText(given);
        expect(said(parse(text))).toEqual(said(given));
        expect(await config(text)).toEqual(await config(stringify(given)));
      }),
    );
  });

  it('explains every key and shows its default', async () => {
    const text = await initText({ project: 'airline', region: 'us-east-1' });
    for (const [name, { kind }] of Object.entries(keys)) {
      expect(text).toMatch(new RegExp(`^(# )?${name}:`, 'm'));
      for (const inner of Object.keys('keys' in kind ? (kind.keys ?? {}) : {}))
        expect(text).toMatch(new RegExp(`^ {2}(# )?${inner}:`, 'm'));
    }
    expect(text).toContain('  # The port of the load balancer and of every warehouse.\n  # port: 5439\n');
    expect(text).toContain('Default: the first three /23 blocks of vpcCidr.');
  });

  it('means the same when its defaults are uncommented', async () => {
    const text = await initText({ project: 'airline', region: 'us-east-1' });
    const uncommented = text.replace(/^( *)# ([a-zA-Z0-9]+: \S.*)$/gm, (line, indent, rest) =>
      rest.includes('dev:') ? line : indent + rest,
    );
    expect(uncommented).toContain('\n  port: 5439\n');
    expect(await config(uncommented)).toEqual(await config(text));
  });
});

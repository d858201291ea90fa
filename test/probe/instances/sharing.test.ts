import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { divide, joinConnections, joinLoads, secondsFor } from '../../../src/probe/instances/sharing.ts';
import type { ConnectionPlan, LoadPlan, LoadReport } from '../../../src/probe/plan.ts';

const target = { host: 'nlb', port: 5439, database: 'airline', user: 'reporter', secret: 'airline-dev/reader' };
const connections: ConnectionPlan = {
  ...{ kind: 'connections', target, connections: 10, parallel: 5, tableSql: undefined, timeoutMs: 1_000 },
};
const load: LoadPlan = {
  ...{ kind: 'load', target, connections: 10, seconds: 30, sql: 'SELECT 1' },
  ...{ queriesPerConnection: 0, pauseMs: 0, timeoutMs: 1_000 },
};

describe('a plan on several instances', () => {
  it('is divided as evenly as can be, and no instance gets nothing', () => {
    expect(divide(connections, 3).map((part) => part.connections)).toEqual([4, 3, 3]);
    expect(divide(connections, 3).map((part) => part.parallel)).toEqual([2, 2, 1]);
    expect(divide({ ...connections, connections: 2 }, 3).map((part) => part.connections)).toEqual([1, 1]);
    expect(divide(load, 1)).toEqual([load]);
  });

  it('makes as many connections as before, on however many instances', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 20 }), (count, instances) => {
        const parts = divide({ ...load, connections: count }, instances).map((part) => part.connections);
        expect(parts.reduce((sum, part) => sum + part, 0)).toBe(count);
        expect(Math.min(...parts)).toBeGreaterThan(0);
        expect(Math.max(...parts) - Math.min(...parts)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('gets the time that its slowest course takes', () => {
    expect(secondsFor(load)).toBeGreaterThan(30);
    expect(secondsFor({ ...connections, connections: 100, parallel: 1 })).toBeGreaterThan(100 * 6);
  });
});

test('attempts of all instances are attempts of one test', () => {
  const report = (ms: number) => ({ kind: 'connections' as const, attempts: [{ ms: { dns: ms } }] });
  expect(joinConnections([report(1), report(2)]).attempts).toEqual([{ ms: { dns: 1 } }, { ms: { dns: 2 } }]);
});

test('the seconds, errors and latencies of several loads add up', () => {
  const error = { layer: 'query', code: '57P01', message: 'gone', namespaceId: 'a', count: 1 } as const;
  const one: LoadReport = {
    kind: 'load',
    ...{ opened: 3, queries: 5, latencies: { a: { 10: 4, 20: 1 } } },
    errors: [{ ...error, firstAt: 2 }],
    seconds: [
      { second: 0, open: { a: 2 }, queries: { a: 3 }, errors: 0 },
      { second: 1, open: { a: 2 }, queries: { a: 2 }, errors: 1 },
    ],
  };
  const other: LoadReport = {
    kind: 'load',
    ...{ opened: 1, queries: 2, latencies: { a: { 20: 1 }, b: { 10: 1 } } },
    errors: [{ ...error, firstAt: 0.5 }],
    seconds: [{ second: 0, open: { b: 1 }, queries: { a: 1, b: 1 }, errors: 1 }],
  };
  expect(joinLoads([one, other])).toEqual({
    kind: 'load',
    ...{ opened: 4, queries: 7, latencies: { a: { 10: 4, 20: 2 }, b: { 10: 1 } } },
    errors: [{ ...error, firstAt: 0.5, count: 2 }],
    seconds: [
      { second: 0, open: { a: 2, b: 1 }, queries: { a: 4, b: 1 }, errors: 1 },
      { second: 1, open: { a: 2 }, queries: { a: 2 }, errors: 1 },
    ],
  });
});

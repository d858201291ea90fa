/** The handler of `test`: looks, asks, measures, judges, shows. */
import { failuresOf } from '../../diagnose/connections/evidence.ts';
import { bucketBound, mergedBuckets, percentile } from '../../model/statistics.ts';
import { type Attempt, layers } from '../../probe/plan.ts';
import { type LayerRow, layerLines, shareLines } from '../../report/connections.ts';
import type { CommandContext } from '../context.ts';
import type { TestOptions } from '../test.ts';
import { onBench, survey } from './bench.ts';
import { type ConnectionTest, connectionsFor, testConnections } from './connections.ts';
import { runLoadTest } from './load.ts';
import { show } from './show.ts';
import { instancesOf } from './vantage.ts';

/** Enough of each consumer to tell chance from a fault. */
const balanceConnectionsFor = (consumers: number) => Math.max(60, 10 * consumers);

export async function runTest(context: CommandContext, options: TestOptions): Promise<number> {
  const looked = await survey(context);
  context.signal.throwIfAborted();
  const { target } = looked;
  if (!target) return show(context, looked, { findings: looked.control, measured: {}, sections: [] });
  const ready = { ...looked, target };
  if (options.kind === 'load') return runLoadTest(ready, options);
  const connectivity = options.kind !== 'balance';
  const balance =
    options.kind === 'connectivity'
      ? undefined
      : (options.connections ?? balanceConnectionsFor(looked.consumers.length));
  const total = (connectivity ? connectionsFor(looked.consumers.length) : 0) + (balance ?? 0);
  const what = `Open ${total} connections through the load balancer`;
  const ask = { what, seconds: 60, instances: instancesOf(options) };
  const { test, from } = await onBench(ready, ask, async (bench) => ({
    test: await testConnections(bench, { connectivity, balance }),
    from: bench.vantage.name,
  }));
  context.signal.throwIfAborted();
  return show(context, test.survey, {
    findings: [...test.survey.control, ...test.findings],
    measured: { from, ...documentOf(test) },
    sections: sectionsOf(context, test),
  });
}

function sectionsOf({ out }: CommandContext, { attempts, balance }: ConnectionTest): string[][] {
  return [attempts ? layerLines(layerRows(attempts)) : [], balance ? shareLines(balance.shares, out.columns) : []];
}

/** Of each layer that was tried: the last two only where there was something to ask. */
function layerRows(attempts: readonly Attempt[]): LayerRow[] {
  return layers
    .map((layer) => {
      const passed = attempts.flatMap(({ ms }) => ms[layer] ?? []);
      const failed = attempts.filter((attempt) => attempt.failed?.layer === layer).length;
      const buckets = mergedBuckets(passed.map((ms) => ({ [bucketBound(ms)]: 1 })));
      return {
        layer,
        passed: passed.length,
        tried: passed.length + failed,
        medianMs: percentile(buckets, 0.5) ?? null,
        mostMs: percentile(buckets, 1) ?? null,
      };
    })
    .filter(({ tried }) => tried > 0);
}

function documentOf({ survey: { seen }, attempts, balance }: ConnectionTest): object {
  return {
    connectivity: attempts
      ? {
          connections: attempts.length,
          layers: layerRows(attempts),
          failures: failuresOf(seen, attempts).map(({ short, ...failures }) => ({
            ...failures,
            consumer: short ?? null,
          })),
        }
      : null,
    balance: balance
      ? {
          connections: balance.shares.reduce((sum, { count }) => sum + count, 0),
          shares: balance.shares,
          chiSquare: balance.chiSquare,
        }
      : null,
  };
}

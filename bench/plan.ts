/** What looking at a large environment that stands costs, as the program itself does it over a network. */
import { buildStandingProject, plainYaml } from '../test/support/standing.ts';
import { openAccount } from './account.ts';
import { startLatencyProxy } from './latency.ts';
import { rsds } from './processes.ts';
import { least, median, type Row, seconds } from './table.ts';

const delayMs = 20;
const rounds = 9;

export async function plan(): Promise<Row[]> {
  const yaml = plainYaml(24);
  const { saved, ledger } = await buildStandingProject(yaml);
  const account = await openAccount({ yaml, saved, ledger });
  const proxy = await startLatencyProxy(account.simulator.url, delayMs);
  try {
    const rows: Row[] = [];
    for (const [verb, target] of [
      ['plan', '≤ 1.5 s'],
      ['up', ''],
      ['status', ''],
    ] as const) {
      const before = proxy.requests;
      const times: number[] = [];
      for (let round = 0; round < rounds; round++) {
        const { ms, exit, stderr } = await rsds([verb, '--yes'].slice(0, verb === 'up' ? 2 : 1), {
          cwd: account.folder,
          environment: account.environment(proxy.url),
        });
        if (exit !== 0) throw new Error(`rsds ${verb} ended with ${exit}: ${stderr}`);
        times.push(ms);
      }
      const calls = (proxy.requests - before) / rounds;
      rows.push({
        what: `rsds ${verb}, 24 consumers that stand, ${delayMs} ms away`,
        measured: `${seconds(least(times))} (median ${seconds(median(times))})`,
        beside: `${calls} calls`,
        target,
      });
    }
    return rows;
  } finally {
    await proxy.close();
    await account.close();
  }
}

/** How much memory the program needs to build a large environment, the simulator being another process's. */
import { plainYaml } from '../test/support/standing.ts';
import { openAccount } from './account.ts';
import { rsdsWithPeak } from './processes.ts';
import { type Row, seconds } from './table.ts';

/** As fast as the simulator can keep up with. */
const speed = 120;

export async function memory(): Promise<Row[]> {
  const account = await openAccount({ yaml: plainYaml(24), speed });
  try {
    const environment = account.environment(account.simulator.url);
    const run = await rsdsWithPeak(['up', '--yes'], { cwd: account.folder, environment });
    if (run.exit !== 0) throw new Error(`rsds up ended with ${run.exit}: ${run.stderr}`);
    const idle = await rsdsWithPeak(['--help'], { cwd: account.folder, environment });
    return [
      {
        what: 'peak memory of rsds up, 24 consumers, simulator outside',
        measured: `${Math.round(run.peakMb)} MB`,
        beside: `rsds --help ${Math.round(idle.peakMb)} MB; ${seconds(run.ms)} at ${speed} times AWS's speed`,
        ratio: run.peakMb / idle.peakMb,
        target: '≤ 200 MB',
      },
    ];
  } finally {
    await account.close();
  }
}

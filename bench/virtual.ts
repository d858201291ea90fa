/** How much real time a simulated deployment takes: what every test of a whole run pays. */
import { measureUp } from '../test/support/makespan.ts';
import { least, type Row, seconds } from './table.ts';

const rounds = 4;

export async function virtual(): Promise<Row[]> {
  const times: number[] = [];
  const cpu: number[] = [];
  let calls = 0;
  let awsMs = 0;
  for (let round = 0; round < rounds; round++) {
    const startedAt = performance.now();
    const usedBefore = process.cpuUsage();
    const { ran, ms } = await measureUp({ consumers: 24, atOnce: 1, seed: 1 });
    times.push(performance.now() - startedAt);
    const { user, system } = process.cpuUsage(usedBefore);
    cpu.push((user + system) / 1000);
    calls = ran.requests.length;
    awsMs = ms;
  }

  return [
    {
      what: 'up, 24 consumers, in process, virtual time',
      measured: `${seconds(least(times))} (all: ${times.map(seconds).join(', ')})`,
      beside: `${seconds(awsMs)} of AWS's time, ${calls} calls, ${seconds(least(cpu))} of processor time, ${(least(cpu) / calls).toFixed(2)} ms a call`,
      target: '≤ 5 s',
    },
  ];
}

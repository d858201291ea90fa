/** How long `up` takes in AWS's time, beside the least that AWS allowed in that very run. */
import { measureUp } from '../test/support/makespan.ts';
import { type Row, seconds } from './table.ts';

const seeds = [1, 2, 3, 4];

export async function makespan(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const atOnce of [1, 4]) {
    for (const seed of seeds) {
      const { ms, bound, ratio, ran } = await measureUp({ consumers: 8, atOnce, seed });
      const count = (matches: (one: (typeof ran.requests)[number]) => boolean) => ran.requests.filter(matches).length;
      const polls = count(({ operation }) => /^(List|Describe)/.test(operation) && operation !== 'DescribeStatement');
      const sql = count(({ operation }) => /ExecuteStatement$/.test(operation));
      const writes = count(({ mutating, service }) => mutating && service !== 'dynamodb') - sql;
      const renewals = count(({ mutating, service }) => mutating && service === 'dynamodb');
      rows.push({
        what: `up, 8 consumers, ${atOnce} at once, world ${seed}`,
        measured: seconds(ms),
        beside: `bound ${seconds(bound.ms)}; ${ran.requests.length} calls: ${polls} looks, ${writes} changes, ${sql} statements, ${renewals} for locks`,
        ratio,
        target: '≤ 1.05',
      });
    }
  }
  return rows;
}

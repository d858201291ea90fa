/** What docs/simulator.md lists is what the code has: no more and no less. `RSDS_UPDATE=1` writes the lists anew. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { durations } from '../../src/simulator/durations.ts';
import { createServices } from '../../src/simulator/services/index.ts';

const file = join(import.meta.dirname, '..', '..', 'docs', 'simulator.md');

/** Compares what stands between two marks with `list`, or puts it there. */
function expectListed(mark: string, list: readonly string[]): void {
  const between = new RegExp(`(<!-- ${mark} -->\n)([\\s\\S]*?)(<!-- /${mark} -->)`);
  const wanted = ['', ...list, '', ''].join('\n');
  const text = readFileSync(file, 'utf8');
  if (process.env.RSDS_UPDATE === '1') writeFileSync(file, text.replace(between, `$1${wanted}$3`));
  else expect(between.exec(text)?.[2]).toBe(wanted);
}

test('the operations are those of the services', async () => {
  const { services, rawServices, plane } = createServices();
  const rows = services.map(({ name, operations }) => `| ${name} | ${Object.keys(operations).sort().join(', ')} |`);
  const raw = rawServices.map(({ name }) => `| ${name} | tables, items, queries and conditional writes, by dynalite |`);
  await plane.close();
  expectListed('operations', ['| service | operations |', '|---|---|', ...[...rows, ...raw].sort()]);
});

test('the durations are those that are drawn from', () => {
  const rows = Object.entries(durations).map(
    ([kind, { from, to }]) =>
      `| ${kind.replace('.', ': ').replaceAll('-', ' ')} | ${from / 1_000} to ${to / 1_000} s |`,
  );
  expectListed('durations', ['| what | takes |', '|---|---|', ...rows]);
});

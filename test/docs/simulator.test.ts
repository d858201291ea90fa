/** docs/simulator.md lists what the simulator serves: no more and no less. `RSDS_UPDATE=1` writes the list anew. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createServices } from '../../src/simulator/services/index.ts';

const file = join(import.meta.dirname, '..', '..', 'docs', 'simulator.md');
const marks = /(<!-- operations -->\n)([\s\S]*?)(<!-- \/operations -->)/;

it('the list of operations is the services’ own', async () => {
  const { services, rawServices, plane } = createServices();
  const rows = services.map(({ name, operations }) => `| ${name} | ${Object.keys(operations).sort().join(', ')} |`);
  const raw = rawServices.map(({ name }) => `| ${name} | tables, items, queries and conditional writes, by dynalite |`);
  await plane.close();
  const list = ['', '| service | operations |', '|---|---|', ...[...rows, ...raw].sort(), '', ''].join('\n');
  const text = readFileSync(file, 'utf8');
  if (process.env.RSDS_UPDATE === '1') writeFileSync(file, text.replace(marks, `$1${list}$3`));
  else expect(marks.exec(text)?.[2]).toBe(list);
});

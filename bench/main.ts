/** Measures and prints; asserts nothing: what can be counted is a test, what must be timed is here. */
import { cpus, loadavg } from 'node:os';
import { makespan } from './makespan.ts';
import { memory } from './memory.ts';
import { plan } from './plan.ts';
import { startup } from './startup.ts';
import { type Row, tableOf } from './table.ts';
import { virtual } from './virtual.ts';

const benchmarks: Readonly<Record<string, () => Promise<Row[]>>> = { startup, plan, makespan, virtual, memory };

const load = () =>
  loadavg()
    .map((value) => value.toFixed(1))
    .join(' ');

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in benchmarks));
if (unknown.length > 0) {
  process.stderr.write(`no benchmark ${unknown.join(', ')}; there are ${Object.keys(benchmarks).join(', ')}\n`);
  process.exit(2);
}
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
const rows: Row[] = [];
const { model = 'unknown processor' } = cpus()[0] ?? {};
process.stdout.write(`Node ${process.versions.node}, ${cpus().length} × ${model}, load before ${load()}\n`);
for (const [name, measure] of Object.entries(benchmarks)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  process.stderr.write(`${name} …\n`);
  rows.push(...(await measure()));
}
process.stdout.write(`${tableOf(rows)}\nload after ${load()}\n`);

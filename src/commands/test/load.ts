/** `rsds test load`: many clients for a while, what they met, and the evidence of it. */
import { accessSync, constants, writeFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { nameOf, type ReaderLook } from '../../diagnose/connections/evidence.ts';
import { judgeLoad } from '../../diagnose/connections/load.ts';
import type { Observations } from '../../diagnose/observations.ts';
import { type Buckets, countOf, mergedBuckets, percentile } from '../../model/statistics.ts';
import type { LoadPlan, LoadReport, ProbeTarget } from '../../probe/plan.ts';
import { type ErrorRow, evidenceText, type LoadRow, loadTable } from '../../report/load.ts';
import { timelineSvg } from '../../report/timeline.ts';
import { RsdsError } from '../../shared/errors.ts';
import type { TestOptions } from '../test.ts';
import { type Bench, lookAgain, onBench, type Survey } from './bench.ts';
import { findTable, layerMs, wakeMsOn } from './connections.ts';
import { Latecomers } from './latecomers.ts';
import { followLoad } from './load-board.ts';
import { show } from './show.ts';
import { instancesOf } from './vantage.ts';

const defaults = { connections: 50, seconds: 60 } as const;
/** As applications with a pool do: some queries, and the connection lives on. */
const habits = { queriesPerConnection: 25, pauseMs: 200 } as const;

export async function runLoadTest(
  survey: Survey & { readonly target: ProbeTarget },
  options: TestOptions,
): Promise<number> {
  const { connections = defaults.connections, seconds = defaults.seconds, report: file } = options;
  const { context } = survey.here;
  const files = file === undefined ? undefined : filesOf(resolve(context.cwd, file));
  const what = `Load ${connections} connections for ${seconds} seconds`;
  const ask = { what, seconds, instances: instancesOf(options) };
  const load = await onBench(survey, ask, (bench) => measure(bench, { connections, seconds }));
  const rows = rowsOf(load.seen, load.report);
  if (files) keep(load, { files, rows });
  // What clients met may show by now.
  const after = load.report.errors.length > 0 ? await lookAgain(survey) : survey;
  const { seen, control } = after;
  const findings = [...control, ...judgeLoad(seen, control, load.report)];
  const length = load.report.seconds.length;
  const measured = { from: load.from, load: documentOf(load, rows) };
  const code = show(context, after, { findings, measured, sections: [loadTable(rows, length)] });
  if (files) context.notices.line(`written: ${files.text} and ${files.picture}`);
  return code === 0 && context.signal.aborted ? exitOfInterrupt(context.signal.reason) : code;
}

const exitOfInterrupt = (reason: unknown) => (reason instanceof RsdsError ? reason.exitCode : 1);

interface Measured {
  readonly from: string;
  readonly begunAt: number;
  readonly plan: LoadPlan;
  readonly report: LoadReport;
  /** With the names of consumers that came meanwhile. */
  readonly seen: Observations;
}

async function measure(bench: Bench, asked: { connections: number; seconds: number }): Promise<Measured> {
  const { vantage, target, here } = bench;
  const { context } = here;
  const sql = (await findTable(bench, new Map<string, ReaderLook>())) ?? 'SELECT current_namespace';
  const limits = { timeoutMs: layerMs, wakeMs: wakeMsOn(bench) };
  const plan: LoadPlan = { kind: 'load', target, sql, ...asked, ...habits, ...limits };
  const begunAt = context.clock.now();
  const board = await context.board();
  const latecomers = new Latecomers(here);
  const seen = { ...bench.seen, latecomers: latecomers.names };
  const follow = followLoad({ ...bench, seen }, board, asked.seconds);
  try {
    const report = await vantage.load(plan, context.signal, (second) => {
      latecomers.notice(seen, second);
      follow(second);
    });
    await latecomers.told();
    return { from: vantage.name, begunAt, plan, report, seen };
  } finally {
    board.close();
  }
}

interface Files {
  readonly text: string;
  readonly picture: string;
}

/** Asked before anything is woken: evidence that can't be written would be lost. */
function filesOf(text: string): Files {
  const picture = `${text.replace(/\.[^./]*$/, '')}.svg`;
  if (picture === text) {
    throw new RsdsError('usage/invalid', `--report ${basename(text)}: the picture is written to ${basename(text)}`, {
      hint: 'give another name for the text, such as load.md',
    });
  }
  try {
    accessSync(dirname(text), constants.W_OK);
  } catch (cause) {
    const hint = 'give a file in a folder that is there and may be written to';
    throw new RsdsError('usage/invalid', `--report: no file can be made in ${dirname(text)}`, { hint, cause });
  }
  return { text, picture };
}

function keep(
  { from, begunAt, plan, report, seen }: Measured,
  { files, rows }: { readonly files: Files; readonly rows: readonly LoadRow[] },
): void {
  const { names, config } = seen.desired;
  const begun = new Date(begunAt).toISOString();
  const shorts = rows.flatMap(({ short }) => (short === 'total' ? [] : [short]));
  writeFileSync(
    files.picture,
    timelineSvg({
      title: `Open connections of each consumer of ${names.prefix}, ${begun}`,
      series: shorts.map((short) => ({ name: short, values: openOf(seen, report, short) })),
      errors: report.seconds.map(({ errors }) => errors),
    }),
  );
  const text = evidenceText({
    environment: names.prefix,
    region: config.region,
    from,
    begunAt: begun,
    seconds: report.seconds.length,
    asked: plan,
    opened: report.opened,
    rows,
    errors: errorRows(seen, report),
    picture: basename(files.picture),
  });
  writeFileSync(files.text, text);
}

const byName = (seen: Observations, counts: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(counts).map(([id, count]) => [nameOf(seen, id), count]));

const openOf = (seen: Observations, { seconds }: LoadReport, short: string) =>
  seconds.map(({ open }) => byName(seen, open)[short] ?? 0);

const errorRows = (seen: Observations, { errors }: LoadReport): ErrorRow[] =>
  errors.map(({ namespaceId, ...error }) => ({
    ...error,
    where: namespaceId === undefined ? 'load balancer' : nameOf(seen, namespaceId),
  }));

/** Of each consumer that answered or failed, by name; and of all. */
function rowsOf(seen: Observations, { latencies, errors }: LoadReport): LoadRow[] {
  const ids = new Set([...Object.keys(latencies), ...errors.flatMap(({ namespaceId }) => namespaceId ?? [])]);
  const rows = [...ids].map((id) => {
    const own = errors.filter(({ namespaceId }) => namespaceId === id);
    return rowOf(nameOf(seen, id), latencies[id] ?? {}, own);
  });
  rows.sort((one, other) => one.short.localeCompare(other.short, 'en', { numeric: true }));
  return [...rows, rowOf('total', mergedBuckets(Object.values(latencies)), errors)];
}

function rowOf(short: string, buckets: Buckets, errors: readonly { readonly count: number }[]): LoadRow {
  return {
    short,
    queries: countOf(buckets),
    p50Ms: percentile(buckets, 0.5) ?? null,
    p95Ms: percentile(buckets, 0.95) ?? null,
    p99Ms: percentile(buckets, 0.99) ?? null,
    mostMs: percentile(buckets, 1) ?? null,
    errors: errors.reduce((sum, { count }) => sum + count, 0),
  };
}

function documentOf({ plan, report, seen }: Measured, rows: readonly LoadRow[]): object {
  const { connections, seconds, sql, queriesPerConnection, pauseMs } = plan;
  return {
    asked: { connections, seconds, sql, queriesPerConnection, pauseMs },
    seconds: report.seconds.length,
    opened: report.opened,
    queries: report.queries,
    consumers: rows,
    errors: errorRows(seen, report),
    timeline: report.seconds.map(({ second, open, queries, errors }) => ({
      ...{ second, open: byName(seen, open), queries: byName(seen, queries), errors },
    })),
  };
}

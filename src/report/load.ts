/** How a load looks: while it runs, at its end, and as evidence in a file. Pure. */
import { bar, figure, msFigure, table } from './bars.ts';
import { plural } from './wording.ts';

export interface LoadRow {
  /** A consumer's short name, or `total`. */
  readonly short: string;
  readonly queries: number;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
  readonly mostMs: number | null;
  readonly errors: number;
}

/** Of a consumer, or of connections that did not get so far as to know one. */
export interface ErrorRow {
  readonly where: string;
  readonly layer: string;
  readonly code: string;
  readonly message: string;
  readonly firstAt: number;
  readonly count: number;
}

const heads = ['', 'queries', 'a second', 'p50', 'p95', 'p99', 'most', 'errors'];

const cellsOf = ({ short, queries, p50Ms, p95Ms, p99Ms, mostMs, errors }: LoadRow, seconds: number) => [
  short,
  figure(queries),
  rate(queries, seconds),
  ...[p50Ms, p95Ms, p99Ms, mostMs].map(msFigure),
  figure(errors),
];

const rate = (count: number, seconds: number) => (count / Math.max(1, seconds)).toFixed(1);

export const loadTable = (rows: readonly LoadRow[], seconds: number): string[] =>
  table([heads, ...rows.map((row) => cellsOf(row, seconds))]);

/** One second of a load that runs, with what has been before it. */
export interface LoadMoment {
  readonly environment: string;
  readonly from: string;
  readonly second: number;
  readonly seconds: number;
  readonly consumers: readonly { readonly short: string; readonly open: number; readonly queries: number }[];
  /** In the last second. */
  readonly perSecond: number;
  readonly errors: number;
}

const barWidth = 24;

export function momentLines(moment: LoadMoment): string[] {
  const { environment, from, second, seconds, consumers, perSecond, errors } = moment;
  const most = Math.max(1, ...consumers.map(({ open }) => open));
  const rows = consumers.map(({ short, open, queries }) => [
    short,
    `${figure(open)} open`,
    `${figure(queries)} queries`,
    bar(open, most, barWidth).padEnd(barWidth),
  ]);
  return [
    `load on ${environment} from ${from}: ${second} of ${seconds} s`,
    // Before the consumers: of many, the last may not be on the screen.
    `  ${figure(perSecond)} queries in the last second, ${errors === 0 ? 'no error' : plural(errors, 'error')} so far`,
    ...table(rows).map((line) => `  ${line}`),
  ];
}

export function momentLine({ second, consumers, perSecond, errors }: LoadMoment): string {
  const open = consumers.map((one) => `${one.short} ${figure(one.open)}`).join(', ');
  return `${second} s: ${figure(perSecond)} queries a second, open: ${open}, errors so far: ${figure(errors)}`;
}

export interface Evidence {
  readonly environment: string;
  readonly region: string;
  readonly from: string;
  /** ISO time of its begin. */
  readonly begunAt: string;
  readonly seconds: number;
  readonly asked: { readonly connections: number; readonly seconds: number; readonly sql: string };
  readonly opened: number;
  readonly rows: readonly LoadRow[];
  readonly errors: readonly ErrorRow[];
  /** The picture's file name. */
  readonly picture: string;
}

/** What was done, what came of it, and when it failed. */
export function evidenceText(evidence: Evidence): string {
  const { environment, region, from, begunAt, seconds, asked, opened, rows, errors, picture } = evidence;
  return [
    `# Load on ${environment}, ${begunAt}`,
    '',
    `- region ${region}, from ${from}, through the load balancer`,
    `- ${figure(asked.connections)} connections at once for ${figure(seconds)} of ${figure(asked.seconds)} seconds; ${figure(opened)} were opened`,
    `- each query: \`${asked.sql}\``,
    '',
    ...markdownTable(
      heads.with(0, 'consumer'),
      rows.map((row) => cellsOf(row, seconds)),
    ),
    '',
    `![open connections of each consumer](${picture})`,
    '',
    '## Errors',
    '',
    ...errorPart(errors),
    '',
  ].join('\n');
}

function errorPart(errors: readonly ErrorRow[]): string[] {
  if (errors.length === 0) return ['None.'];
  const rows = errors.map(({ where, layer, code, message, firstAt, count }) => [
    `${firstAt.toFixed(1)} s`,
    where,
    layer,
    code,
    message,
    figure(count),
  ]);
  return markdownTable(['first at', 'where', 'layer', 'code', 'message', 'count'], rows);
}

function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)];
}

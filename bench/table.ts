/** One line of the table: a measurement, what it is compared with, and the target. */
export interface Row {
  readonly what: string;
  readonly measured: string;
  /** What stands beside it in the same run: `node -e 0`, the bound. */
  readonly beside?: string;
  readonly ratio?: number;
  readonly target?: string;
}

/** A table in Markdown, columns aligned. */
export function tableOf(rows: readonly Row[]): string {
  const cells = rows.map(({ what, measured, beside = '', ratio, target = '' }) => [
    what,
    measured,
    beside,
    ratio === undefined ? '' : ratio.toFixed(3),
    target,
  ]);
  const head = ['what', 'measured', 'beside it', 'ratio', 'target'];
  const widths = head.map((title, column) => Math.max(title.length, ...cells.map((line) => line[column]?.length ?? 0)));
  const line = (texts: readonly string[]) =>
    `| ${texts.map((text, column) => text.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...cells.map(line)].join('\n');
}

export const ms = (value: number): string => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
export const seconds = (value: number): string => `${(value / 1000).toFixed(value < 100_000 ? 2 : 0)} s`;

export const least = (values: readonly number[]): number => Math.min(...values);

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}

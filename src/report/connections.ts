/** How tests of connections look: layers with their times, consumers with their shares. Pure. */
import { bar, figure, msFigure, table } from './bars.ts';

export interface LayerRow {
  readonly layer: string;
  readonly passed: number;
  readonly tried: number;
  readonly medianMs: number | null;
  readonly mostMs: number | null;
}

export function layerLines(rows: readonly LayerRow[]): string[] {
  const cells = rows.map(({ layer, passed, tried, medianMs, mostMs }) => [
    layer,
    `${passed} of ${tried}`,
    msFigure(medianMs),
    msFigure(mostMs),
  ]);
  return table([['layer', 'passed', 'median', 'most'], ...cells]);
}

export interface ShareRow {
  readonly short: string;
  readonly count: number;
}

const barWidth = 40;

/** A bar for each consumer, as long as it got connections. */
export function shareLines(rows: readonly ShareRow[], columns: number): string[] {
  const most = Math.max(...rows.map(({ count }) => count), 0);
  const names = Math.max(...rows.map(({ short }) => short.length), 0);
  const counts = figure(most).length;
  const width = Math.min(barWidth, Math.max(8, columns - names - counts - 5));
  return rows.map(({ short, count }) =>
    `${short.padEnd(names)}  ${figure(count).padStart(counts)}  ${bar(count, most, width)}`.trimEnd(),
  );
}

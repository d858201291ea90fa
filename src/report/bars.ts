/** Tables and bars of figures, for terminals and for files alike. Pure. */

/** `██████▌`: eighths of a character, so that small differences show. */
export function bar(value: number, most: number, width: number): string {
  if (most <= 0 || value <= 0) return '';
  const eighths = Math.max(1, Math.round((value / most) * width * 8));
  return '█'.repeat(Math.floor(eighths / 8)) + (parts[eighths % 8] ?? '');
}

const parts = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** Columns as wide as they must be: the first to the left, figures to the right. */
export function table(rows: readonly (readonly string[])[], gap = '  '): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join(gap)
      .trimEnd(),
  );
}

/** `1,204`. */
export const figure = (value: number): string => Math.round(value).toLocaleString('en-US');

export const msFigure = (ms: number | null): string => (ms === null ? '-' : `${figure(ms)} ms`);

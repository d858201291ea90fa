/** How long things usually take, from what this ledger has measured. */
import type { Measured } from '../ledger/ledger.ts';

/** The name under which a duration is kept: `workgroup.create`. */
export const measureKind = (kind: string, action: string) => `${kind}.${action}`;

/** The median of the last ten measurements of `kind`, ms; undefined without any. */
export function usualMs(measured: readonly Measured[], kind: string): number | undefined {
  const latest = measured
    .filter((one) => one.kind === kind)
    .slice(-10)
    .map((one) => one.ms);
  if (latest.length === 0) return undefined;
  return latest.sort((a, b) => a - b)[Math.floor((latest.length - 1) / 2)];
}

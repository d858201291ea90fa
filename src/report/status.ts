/** How the state of an environment is shown as text. */
import type { Paint } from './colour.ts';

export interface WarehouseRow {
  readonly name: string;
  /** Of the workgroup, AWS's word; `absent` where there is none. */
  readonly status: string;
  readonly baseCapacity: number | undefined;
  readonly maxCapacity: number | undefined;
  readonly endpoint?: { readonly status: string; readonly addresses: readonly string[] } | undefined;
  readonly target?: { readonly state: string; readonly reason: string | undefined } | undefined;
  /** Of what SQL made on it: `ready` as recorded, `not checked`, or `missing`. */
  readonly data: { readonly state: string };
}

export interface StatusPicture {
  readonly environment: string;
  readonly region: string;
  readonly account: string;
  readonly state: string;
  readonly producer: WarehouseRow;
  readonly consumers: readonly WarehouseRow[];
  readonly workloads: readonly WarehouseRow[];
  readonly loadBalancer: {
    readonly dnsName: string | undefined;
    readonly port: number;
    readonly state: string;
    /** `host:port` on this machine, where the account is simulated. */
    readonly local?: string | undefined;
  };
  /** How many changes `up` would make. */
  readonly changes: number;
}

const columns = ['warehouse', 'workgroup', 'RPUs', 'endpoint', 'target', 'shared data'] as const;

export function statusText(status: StatusPicture, paint: Paint): string {
  const rows = [status.producer, ...status.consumers, ...status.workloads].map(cells);
  const { dnsName, port, state, local } = status.loadBalancer;
  const here = local === undefined ? '' : `, on this machine ${local}`;
  const balancer = dnsName === undefined ? 'load balancer absent' : `load balancer ${dnsName}:${port} ${state}${here}`;
  const pending =
    status.changes === 0 ? '' : `, rsds plan shows ${status.changes} change${status.changes === 1 ? '' : 's'}`;
  return [
    `${paint.bold(status.environment)} in ${status.region}, account ${status.account}: ${stateWord(status.state, paint)}${pending}`,
    ...table([[...columns], ...rows], paint),
    balancer,
  ].join('\n');
}

function cells(row: WarehouseRow): string[] {
  const size = row.baseCapacity === undefined ? '' : `${row.baseCapacity}-${row.maxCapacity ?? ''}`;
  const target = row.target
    ? [row.target.state, row.target.state === 'healthy' ? undefined : row.target.reason].filter(Boolean).join(' ')
    : '';
  return [row.name, row.status, size, row.endpoint?.status ?? '', target, row.data.state];
}

function table(rows: readonly (readonly string[])[], paint: Paint): string[] {
  const widths = columns.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row, index) => {
    const line = row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
    return `  ${index === 0 ? paint.dim(line) : line}`;
  });
}

function stateWord(state: string, paint: Paint): string {
  if (state === 'ready') return paint.green(state);
  return state === 'absent' ? state : paint.yellow(state);
}

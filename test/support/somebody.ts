/** Somebody's connection to a warehouse, in virtual time: as the warehouse sees it, without the wire. */
import { sessionTable } from '../../src/simulator/plane/session-table.ts';
import type { Project } from './project.ts';

export interface Somebody {
  /** Whether the warehouse still has the session. */
  connected(): boolean;
  /** What runs comes to its end; the session stays. */
  finish(): void;
}

let next = 1_073_800_000;

/** A session on a consumer, e.g. `consumer-2`, that runs a query or is idle. */
export function somebodyAt(project: Project, short: string, at: 'work' | 'rest'): Somebody {
  const { world } = project.simulator;
  const table = sessionTable(world);
  const pid = next++;
  const startedAt = world.now();
  const statement = at === 'work' ? { queryId: pid * 10, text: 'SELECT …', startedAt } : undefined;
  const namespaceId = String(project.ledger().resources[`${short}/namespace`]?.data.namespaceId ?? '');
  const who = { pid, namespaceId, database: 'airline', user: 'reporter', startedAt };
  table.set(pid, { ...who, statement, end: () => void table.delete(pid) });
  return {
    connected: () => table.has(pid),
    finish: () => {
      const session = table.get(pid);
      if (session?.statement) session.statement.endedAt = world.now();
    },
  };
}

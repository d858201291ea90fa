/**
 * A change of RPUs needs a snapshot or recovery point to restore from (F-645). Where there is none yet, one is taken
 * for it and deleted afterwards; should it be forgotten, it ends by itself after a day.
 */

import { goneIsFine } from '../../aws/paging.ts';
import type { Change, Json, Look, ResourceId } from '../../engine/resource.ts';
import type { Warehouse } from '../../model/desired.ts';
import { tagsFor } from '../../model/tags.ts';
import { change, type StepContext } from '../changes.ts';

export interface Backup {
  /** Whether a change of RPUs is wanted that has nothing to restore from. */
  readonly missing: boolean;
  /** A snapshot that was taken for a change of RPUs which has been made. */
  readonly leftOver: string | undefined;
  /** Whether the ledger speaks of one. */
  readonly recorded: boolean;
}

/** Costs reads only while RPUs are to be changed, or a snapshot was taken for it. */
export async function backupFor(
  { aws }: StepContext,
  options: { warehouse: Warehouse; id: ResourceId; resizes: boolean; look: Look },
): Promise<Backup> {
  const { warehouse, resizes, look, id } = options;
  const taken = takenFor(look.recorded(id));
  const recorded = taken !== undefined;
  if (resizes) {
    const [snapshots, points] = await Promise.all([
      aws.serverless.listSnapshots(warehouse.name),
      aws.serverless.listRecoveryPoints(warehouse.name),
    ]);
    return { missing: snapshots.length === 0 && points.length === 0, leftOver: undefined, recorded };
  }
  const there = recorded && (await aws.serverless.getSnapshot(taken)) !== undefined;
  return { missing: false, leftOver: there ? taken : undefined, recorded };
}

/** For the workgroup's `remember`: what was taken for it is gone again. */
export const backupRecord = ({ recorded }: Backup): Record<string, Json> => (recorded ? { resizeSnapshot: null } : {});

export function backupChanges(
  { desired, aws }: StepContext,
  { warehouse, backup }: { warehouse: Warehouse; backup: Backup },
): Change[] {
  const name = `${warehouse.name}-before-resize`;
  const tags = tagsFor(desired.config, `${warehouse.short}/resize-snapshot`, name);
  if (backup.leftOver !== undefined) {
    const leftOver = backup.leftOver;
    return [change('delete', `delete snapshot ${leftOver}`, () => goneIsFine(aws.serverless.deleteSnapshot(leftOver)))];
  }
  if (!backup.missing) return [];
  return [
    change(
      'update',
      `take snapshot ${name} for the change of RPUs`,
      async (io) => {
        await io.remember({ resizeSnapshot: name });
        await aws.serverless.createSnapshot(
          { namespaceName: warehouse.name, snapshotName: name, retentionPeriod: 1 },
          tags,
        );
      },
      { why: 'there is no recovery point yet' },
    ),
  ];
}

function takenFor(recorded: Readonly<Record<string, Json>> | undefined): string | undefined {
  const name = recorded?.resizeSnapshot;
  return typeof name === 'string' ? name : undefined;
}

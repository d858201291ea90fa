import type { Snapshot, Workgroup } from '@aws-sdk/client-redshift-serverless';
import type { Look, Resource, ResourceId, StepName } from '../../engine/resource.ts';
import type { Warehouse } from '../../model/desired.ts';
import { isOurs, tagsFor } from '../../model/tags.ts';
import { RsdsError } from '../../shared/errors.ts';
import { change, type StepContext } from '../changes.ts';
import { namespacesOf, workgroupsOf } from './lists.ts';

export interface UnsavedData {
  /** Under which name the final snapshot is taken. */
  readonly snapshotName: string;
  /** Of the final snapshot; undefined before it is begun. */
  readonly snapshotStatus: string | undefined;
  /** Whether the workgroup stands, without which no snapshot can be taken (F-673). */
  readonly workgroup: boolean;
}

export interface UnsavedDataOptions {
  readonly warehouse: Warehouse;
  /** Under which name the snapshot is taken; with a number behind it where there is one already that is not the last word. */
  readonly snapshotName: string;
  /** Days it is kept; negative: for ever. */
  readonly days: number;
  /** What is not taken away before the snapshot is AVAILABLE. */
  readonly needs: readonly Resource[];
}

const minute = 60_000;
/** A resumed `down` takes a snapshot of an earlier one for the last word only so long: while the workgroup stands, writers go on. */
const freshMs = 15 * minute;

/**
 * A warehouse's data that no final snapshot holds yet. Removing it means taking that snapshot: nothing that it needs is
 * deleted before the snapshot is AVAILABLE.
 */
export function unsavedData(context: StepContext, options: UnsavedDataOptions): Resource<UnsavedData> {
  const { desired, aws } = context;
  const { config } = desired;
  const { warehouse, snapshotName, days } = options;
  const { name: warehouseName, short } = warehouse;
  const id: ResourceId = `${short}/final-snapshot`;
  const step: StepName = warehouse.role === 'producer' ? 'producer' : 'consumers';
  const title = `final snapshot ${snapshotName}`;
  /** Taken, or being taken, while this run looked on: they are as new as they get. */
  const watched = new Set<string>();

  return {
    id,
    step,
    kind: 'final-snapshot',
    title,
    needs: options.needs,
    usualMs: 2 * minute,
    // A large warehouse takes its time; giving up would leave nothing deleted.
    settleTimeoutMs: 6 * 60 * minute,
    async observe(look) {
      const namespaces = await namespacesOf(context, look);
      const found = namespaces.find(({ namespaceName }) => namespaceName === warehouseName);
      if (!found || found.status === 'DELETING' || !(await isOurOwn(look, found.namespaceArn ?? ''))) return undefined;
      const workgroups = await workgroupsOf(context, look);
      const workgroup = workgroups.find(({ workgroupName }) => workgroupName === warehouseName);
      const { name, snapshot } = await latest(workgroup);
      if (snapshot?.status === 'AVAILABLE') return undefined;
      if (snapshot?.status === 'CREATING') watched.add(name);
      if (!workgroup && neverStood(look)) return undefined;
      return { snapshotName: name, snapshotStatus: snapshot?.status, workgroup: workgroup !== undefined };
    },
    changes: () => [],
    removal({ snapshotName: name, snapshotStatus, workgroup }) {
      if (snapshotStatus === 'CREATING') return [];
      const kept = days < 0 ? 'for ever' : `for ${days} days`;
      const why = 'nothing is deleted before it is AVAILABLE; what is written after it was begun is lost';
      return [change('create', `take final snapshot ${name}, kept ${kept}`, () => create(name, workgroup), { why })];
    },
    settled: ({ snapshotStatus = 'not taken' }) => ({ is: 'pending', status: snapshotStatus }),
  };

  /** The snapshot that holds what the producer has now, or the first name that is free for one. */
  async function latest(workgroup: Workgroup | undefined): Promise<{ name: string; snapshot: Snapshot | undefined }> {
    for (let number = 1; ; number++) {
      const name = number === 1 ? snapshotName : `${snapshotName}-${number}`;
      const snapshot = await aws.serverless.getSnapshot(name);
      if (!snapshot || watched.has(name) || !isOutdated(snapshot, workgroup)) return { name, snapshot };
    }
  }

  /** An earlier `down` took it and went no further, or `up` came after it: it lacks what was written since. */
  function isOutdated({ status, snapshotCreateTime }: Snapshot, workgroup: Workgroup | undefined): boolean {
    if (status !== 'AVAILABLE' || !snapshotCreateTime) return false;
    // Without a workgroup nobody writes.
    if (!workgroup || workgroup.status === 'DELETING') return false;
    const takenAt = snapshotCreateTime.getTime();
    const madeAnew = (workgroup.creationDate?.getTime() ?? 0) > takenAt;
    return madeAnew || (aws.now() ?? takenAt) - takenAt > freshMs;
  }

  async function create(name: string, workgroup: boolean): Promise<void> {
    if (!workgroup) {
      throw new RsdsError('step/broken', `${title}: ${warehouseName} has data but no workgroup to save it with`, {
        hint:
          warehouse.role === 'producer'
            ? 'run `rsds up` to get its workgroup back, or `rsds down --no-final-snapshot` to lose the data'
            : 'run the same command without --snapshot to lose the data',
      });
    }
    const input = { namespaceName: warehouseName, snapshotName: name, retentionPeriod: days };
    watched.add(name);
    await aws.serverless.createSnapshot(input, tagsFor(config, id, name));
  }

  /** A namespace by that name which is not ours is not touched, so nothing of it has to be saved. */
  async function isOurOwn(look: Look, arn: string): Promise<boolean> {
    if (look.recorded(`${short}/namespace`)?.id === arn) return true;
    return isOurs(config, await look.once(`serverless/tags/${short}`, () => aws.serverless.listTags(arn)));
  }

  /**
   * An environment that was never finished: where no workgroup ever stood there is no data. A workgroup that a `down`
   * without a final snapshot deleted has left the ledger; what was made in it by SQL has not.
   */
  function neverStood(look: Look): boolean {
    const bySql = ['init-sql', 'datashare', 'database'] as const;
    const sql = bySql.some((one) => look.recorded(`${short}/${one}`) !== undefined);
    return (
      !sql && look.recorded(`${short}/namespace`) !== undefined && look.recorded(`${short}/workgroup`)?.id === undefined
    );
  }
}

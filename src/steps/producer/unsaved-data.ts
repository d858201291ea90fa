import type { Look, Resource } from '../../engine/resource.ts';
import { isOurs, tagsFor } from '../../model/tags.ts';
import { RsdsError } from '../../shared/errors.ts';
import { change, type StepContext } from '../changes.ts';
import { namespacesOf, workgroupsOf } from '../warehouse/lists.ts';

export interface UnsavedData {
  /** Of the final snapshot; undefined before it is begun. */
  readonly snapshotStatus: string | undefined;
  /** Whether the workgroup stands, without which no snapshot can be taken (F-673). */
  readonly workgroup: boolean;
}

const id = 'producer/final-snapshot';
const minute = 60_000;

/**
 * The producer's data that no final snapshot holds yet. Removing it means taking that snapshot; as it needs every other
 * resource, nothing of the environment is deleted before the snapshot is AVAILABLE.
 */
export function unsavedData(
  context: StepContext,
  options: { snapshotName: string; needs: readonly Resource[] },
): Resource<UnsavedData> {
  const { desired, aws } = context;
  const { config, producer } = desired;
  const { snapshotName } = options;
  const days = config.producer.finalSnapshotRetentionDays;
  const tags = tagsFor(config, 'producer/final-snapshot', snapshotName);
  const title = `final snapshot ${snapshotName}`;

  return {
    id,
    step: 'producer',
    kind: 'final-snapshot',
    title,
    needs: options.needs,
    usualMs: 2 * minute,
    // A large warehouse takes its time; giving up would leave nothing deleted.
    settleTimeoutMs: 6 * 60 * minute,
    async observe(look) {
      const namespaces = await namespacesOf(context, look);
      const found = namespaces.find(({ namespaceName }) => namespaceName === producer.name);
      if (!found || found.status === 'DELETING' || !(await isProducer(look, found.namespaceArn ?? '')))
        return undefined;
      const snapshot = await aws.serverless.getSnapshot(snapshotName);
      if (snapshot?.status === 'AVAILABLE') return undefined;
      const workgroups = await workgroupsOf(context, look);
      const stands = workgroups.some(({ workgroupName }) => workgroupName === producer.name);
      if (!stands && neverStood(look)) return undefined;
      return { snapshotStatus: snapshot?.status, workgroup: stands };
    },
    changes: () => [],
    removal({ snapshotStatus, workgroup }) {
      if (snapshotStatus === 'CREATING') return [];
      const kept = days < 0 ? 'for ever' : `for ${days} days`;
      const why = 'nothing is deleted before it is AVAILABLE';
      return [change('create', `take ${title}, kept ${kept}`, () => create(workgroup), { why })];
    },
    settled: ({ snapshotStatus = 'not taken' }) => ({ is: 'pending', status: snapshotStatus }),
  };

  async function create(workgroup: boolean): Promise<void> {
    if (!workgroup) {
      throw new RsdsError('step/broken', `${title}: ${producer.name} has data but no workgroup to save it with`, {
        hint: 'run `rsds up` to get its workgroup back, or `rsds down --no-final-snapshot` to lose the data',
      });
    }
    const input = { namespaceName: producer.name, snapshotName, retentionPeriod: days };
    await aws.serverless.createSnapshot(input, tags);
  }

  /** A namespace by that name which is not ours is not touched, so nothing of it has to be saved. */
  async function isProducer(look: Look, arn: string): Promise<boolean> {
    if (look.recorded('producer/namespace')?.id === arn) return true;
    return isOurs(config, await look.once('serverless/producer-tags', () => aws.serverless.listTags(arn)));
  }

  /** An environment that was never finished: where no workgroup ever stood there is no data. */
  function neverStood(look: Look): boolean {
    return look.recorded('producer/namespace') !== undefined && look.recorded('producer/workgroup')?.id === undefined;
  }
}

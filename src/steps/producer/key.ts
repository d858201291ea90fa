import type { KeyMetadata } from '@aws-sdk/client-kms';
import { goneIsFine } from '../../aws/paging.ts';
import type { Tags } from '../../aws/tags.ts';
import { type Change, Foreign, type Goal, type Look, type Resource } from '../../engine/resource.ts';
import { isOurs, ownTagKeys, tagsFor } from '../../model/tags.ts';
import { ServiceError } from '../../shared/errors.ts';
import { change, type StepContext } from '../changes.ts';
import { foreign, ownershipRecord, TagMemory, tagChanges } from '../ownership.ts';
import { workgroupsOf } from '../warehouse/lists.ts';

export interface KeySeen {
  readonly keyId: string;
  readonly arn: string;
  /** `Enabled`, `Disabled`, `PendingDeletion`, … */
  readonly state: string;
  /** Whether the alias leads to it. */
  readonly named: boolean;
  readonly rotates: boolean;
  readonly tags: Tags | undefined;
}

export interface KeyOptions {
  readonly goal: Goal;
  /** Whether the run takes the final snapshot, which will be encrypted with the key. */
  readonly finalSnapshot: boolean;
}

const id = 'producer/key';
/** The longest that AWS allows: time to notice that something was encrypted with it after all. */
const deletionDays = 30;

/**
 * One key for all namespaces. It is found by its alias; a key whose alias was never made, by its tags.
 * With the goal `absent` it is scheduled for deletion, unless a snapshot would die with it (F-671): then it stays, with
 * its alias, so that a later `up` finds it again.
 */
export function key(context: StepContext, options: KeyOptions): Resource<KeySeen> {
  const { desired, aws } = context;
  const { config, names } = desired;
  const tags = tagsFor(config, id, names.keyAlias);
  const title = `key ${names.keyAlias}`;
  const memory = new TagMemory(id, tags, (keyId) => aws.kms.listTags(keyId));
  // The tagging API shows a new key after some twenty seconds (F-591), and every namespace waits for it.
  let made: string | undefined;
  const own = {
    [ownTagKeys.project]: config.project,
    [ownTagKeys.environment]: config.environment,
    [ownTagKeys.resource]: id,
  };

  return {
    id,
    step: 'producer',
    kind: 'key',
    title,
    needs: [],
    usualMs: 5_000,
    async observe(look) {
      const aliased = await look.once('kms/key', () => aws.kms.describeKey(names.keyAlias));
      const found = aliased ?? (await unnamed(look));
      if (!found) return undefined;
      const seen = await viewOf(found, look, aliased !== undefined);
      if (seen.tags && !isOurs(config, seen.tags)) return foreign(`${title} (${seen.keyId})`, config);
      return options.goal === 'present' ? seen : forRemoval(look, seen);
    },
    changes(seen) {
      if (!seen) return [change('create', `create ${title}`, create)];
      return [...revivals(seen), ...settings(seen), ...tagged(seen)];
    },
    removal: ({ keyId, named, state }) => [
      ...(state === 'PendingDeletion'
        ? []
        : [
            change('delete', `schedule the deletion of ${title} (${keyId}) in ${deletionDays} days`, () =>
              aws.kms.scheduleDeletion(keyId, deletionDays),
            ),
          ]),
      ...(named
        ? [change('delete', `delete ${names.keyAlias}`, () => goneIsFine(aws.kms.deleteAlias(names.keyAlias)))]
        : []),
    ],
    // Disabled or doomed is no passing state: `changes` takes it back.
    settled: ({ state }) =>
      ['Creating', 'Updating'].includes(state) ? { is: 'pending', status: state } : { is: 'settled', status: state },
    remember: ({ keyId, arn }) => ({ ...ownershipRecord(keyId, tags), arn }),
  };

  async function viewOf(found: KeyMetadata, look: Look, named: boolean): Promise<KeySeen> {
    const { KeyId: keyId = '', Arn: arn = '', KeyState: state = '' } = found;
    const [read, rotates] = await Promise.all([
      memory.of(look, keyId),
      // AWS answers this for keys in use only.
      state === 'Enabled' ? look.once('kms/rotation', () => aws.kms.rotates(keyId)) : false,
    ]);
    return { keyId, arn, state, named, rotates, tags: read };
  }

  /** What is left to do with it, or undefined when nothing is. */
  async function forRemoval(look: Look, seen: KeySeen): Promise<KeySeen | Foreign | undefined> {
    if (seen.state === 'PendingDeletion') return seen.named ? seen : undefined;
    const holder = (await willHold(look)) ?? (await holds(look, seen));
    return holder === undefined ? seen : new Foreign(`${title} is kept: ${holder} is encrypted with it`);
  }

  async function willHold(look: Look): Promise<string | undefined> {
    if (!options.finalSnapshot) return undefined;
    const workgroups = await workgroupsOf(context, look);
    const stands = workgroups.some(({ workgroupName }) => workgroupName === desired.producer.name);
    return stands ? 'the final snapshot' : undefined;
  }

  async function holds(look: Look, { arn, keyId }: KeySeen): Promise<string | undefined> {
    const snapshots = await look.once('serverless/snapshots', () => aws.serverless.listSnapshots());
    const snapshot = snapshots.find(({ kmsKeyId }) => kmsKeyId === arn || kmsKeyId === keyId);
    return snapshot && `snapshot ${snapshot.snapshotName ?? ''}`;
  }

  /** A key of ours that the alias does not lead to: made just now, recorded, or found by its tags. */
  async function unnamed(look: Look): Promise<KeyMetadata | undefined> {
    const recorded = made ?? look.recorded(id)?.id;
    const known = typeof recorded === 'string' ? await aws.kms.describeKey(recorded) : undefined;
    if (known) return known;
    const tagged = await look.once('kms/by-tags', () => aws.tagging.find(own, ['kms:key']));
    // There may be several: one that was deleted is still pending beside a newer one.
    const keys = await Promise.all(tagged.map(({ arn }) => aws.kms.describeKey(arn)));
    const usable = keys.filter((one) => one !== undefined && one.KeyState !== 'PendingDeletion');
    return usable[0] ?? keys.find((one) => one !== undefined);
  }

  /** KMS takes no token for this call, and the tagging API lags behind: a repeated one looks at the keys themselves. */
  async function create(): Promise<void> {
    for (const { KeyId: keyId = '' } of await aws.kms.listKeys()) {
      const seen = await readable(aws.kms.listTags(keyId));
      const match = seen !== undefined && Object.entries(own).every(([key, value]) => seen[key] === value);
      if (match && (await aws.kms.describeKey(keyId))?.KeyState === 'Enabled') {
        made = keyId;
        return;
      }
    }
    const answer = await aws.kms.createKey({ Description: `namespaces of ${names.prefix}` }, tags);
    made = answer.KeyMetadata?.KeyId;
    memory.set(made);
  }

  /** Disabled or doomed keys are taken back (F-522): the data of the namespaces hangs on them. */
  function revivals({ keyId, state }: KeySeen): Change[] {
    const cancel = change('update', `cancel the deletion of ${title}`, () => aws.kms.cancelDeletion(keyId));
    const enable = change('update', `enable ${title}`, () => aws.kms.enableKey(keyId));
    if (state === 'PendingDeletion') return [cancel, enable];
    return state === 'Disabled' ? [enable] : [];
  }

  function settings({ keyId, named, rotates }: KeySeen): Change[] {
    const name = () => aws.kms.createAlias(names.keyAlias, keyId);
    return [
      ...(named ? [] : [change('update', `give ${keyId} the name ${names.keyAlias}`, name)]),
      ...(rotates ? [] : [change('update', 'yearly rotation off → on', () => aws.kms.enableRotation(keyId))]),
    ];
  }

  function tagged({ keyId, tags: seen }: KeySeen): Change[] {
    return tagChanges(seen, tags, (missing) => {
      memory.forget();
      return aws.kms.tag(keyId, missing);
    });
  }
}

/** Undefined where the caller may not look: such a key is somebody else's. */
async function readable<T>(read: Promise<T>): Promise<T | undefined> {
  try {
    return await read;
  } catch (error) {
    if (error instanceof ServiceError && (error.kind === 'denied' || error.kind === 'absent')) return undefined;
    throw error;
  }
}

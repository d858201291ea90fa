/** Makes the bucket of `state` and the lock table: looks first, shows what is missing, asks, makes it. */
import type { Aws } from '../../aws/aws.ts';
import type { Tags } from '../../aws/tags.ts';
import { parseState } from '../../ledger/s3-ledger.ts';
import { LockTable } from '../../lock/lock-table.ts';
import { RsdsError, ServiceError } from '../../shared/errors.ts';
import type { CommandContext } from '../context.ts';
import { makeTable } from '../environment/locks.ts';
import { openAccount } from '../environment/session.ts';

interface Missing {
  /** What people are asked about, e.g. `versioning of airline-state`. */
  readonly title: string;
  make(): Promise<unknown>;
}

export async function createBackend(context: CommandContext): Promise<undefined> {
  const { config, aws } = await openAccount(context);
  const bucket = parseState(config.state)?.bucket;
  const table = new LockTable(config.lock.table, aws.dynamodb);
  const missing = [
    ...(bucket === undefined ? [] : await missingOfBucket(aws, bucket)),
    ...(await missingOfTable(aws, table, context)),
  ];
  await makeAll(missing, context);
  context.out.document({ bucket: bucket ?? null, table: table.name, made: missing.map(({ title }) => title) });
  const kept = bucket === undefined ? `ledgers stay local (state: ${config.state})` : `ledgers are kept in ${bucket}`;
  context.out.text(`${kept}, locks in ${table.name}`);
  return undefined;
}

async function makeAll(missing: readonly Missing[], { notices, prompter }: CommandContext): Promise<void> {
  if (missing.length === 0) return notices.line('everything is there already');
  notices.line(['To be made:', ...missing.map(({ title }) => `  + ${title}`)].join('\n'));
  await prompter.confirm('Make these?');
  for (const { title, make } of missing) {
    await make();
    notices.line(`made ${title}`);
  }
}

const shared: Tags = { 'rsds:shared': 'state' };

async function missingOfBucket({ s3, region }: Aws, bucket: string): Promise<Missing[]> {
  const there = await hasBucket(s3, bucket);
  const [versioning, encryption, closed, tags] = there
    ? await Promise.all([s3.versioning(bucket), s3.encryption(bucket), isClosed(s3, bucket), s3.tags(bucket)])
    : [undefined, undefined, false, {} as Tags];
  const all: (Missing & { readonly needed: boolean })[] = [
    { needed: !there, title: `bucket ${bucket} in ${region}`, make: () => make(s3, bucket) },
    { needed: versioning !== 'Enabled', title: `versioning of ${bucket}`, make: () => s3.enableVersioning(bucket) },
    { needed: encryption === undefined, title: `encryption of ${bucket}`, make: () => s3.encrypt(bucket) },
    { needed: !closed, title: `no public access to ${bucket}`, make: () => s3.blockPublicAccess(bucket) },
    {
      needed: tags['rsds:shared'] !== shared['rsds:shared'],
      title: `tag rsds:shared=state on ${bucket}`,
      // Tags are replaced as a whole: those of others stay.
      make: () => s3.tag(bucket, { ...tags, ...shared }),
    },
  ];
  return all.filter(({ needed }) => needed);
}

/** Whether there is such a bucket in this account. Somebody else's is an error. */
async function hasBucket(s3: Aws['s3'], bucket: string): Promise<boolean> {
  try {
    return await s3.hasBucket(bucket);
  } catch (error) {
    if (error instanceof ServiceError && error.kind === 'denied') throw foreign(bucket, error);
    throw error;
  }
}

async function make(s3: Aws['s3'], bucket: string): Promise<void> {
  try {
    await s3.createBucket(bucket);
  } catch (error) {
    const code = error instanceof ServiceError ? error.awsCode : '';
    if (code === 'BucketAlreadyExists') throw foreign(bucket, error);
    // Made by somebody of ours in the meantime: as good as made by us (F-954).
    if (code !== 'BucketAlreadyOwnedByYou') throw error;
  }
}

const foreign = (bucket: string, cause: unknown) =>
  new RsdsError('backend/foreign-bucket', `the bucket ${bucket} is somebody else's, or closed to you`, {
    hint: 'choose another name in state, or ask for s3:ListBucket on it',
    cause,
  });

async function isClosed(s3: Aws['s3'], bucket: string): Promise<boolean> {
  const block = await s3.publicAccessBlock(bucket);
  const { BlockPublicAcls, IgnorePublicAcls, BlockPublicPolicy, RestrictPublicBuckets } = block ?? {};
  return [BlockPublicAcls, IgnorePublicAcls, BlockPublicPolicy, RestrictPublicBuckets].every((one) => one === true);
}

async function missingOfTable(aws: Aws, table: LockTable, context: CommandContext): Promise<Missing[]> {
  const { name } = table;
  const there = await table.exists();
  const recoverable = there && (await aws.dynamodb.pointInTimeRecovery(name));
  const creation = { title: `lock table ${name} in ${aws.region}, on demand`, make: () => makeTable(table, context) };
  const recovery = { title: `point-in-time recovery of ${name}`, make: () => recover(aws, name, context) };
  return [...(there ? [] : [creation]), ...(recoverable ? [] : [recovery])];
}

/** Just after a table's creation its backups are not available yet (F-565). */
async function recover({ dynamodb }: Aws, name: string, { clock, signal }: CommandContext): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await dynamodb.enablePointInTimeRecovery(name);
      return;
    } catch (error) {
      const code = error instanceof ServiceError ? error.awsCode : '';
      if (!code.startsWith('ContinuousBackupsUnavailable') || tries === 60) throw error;
      await clock.sleep(5_000, { signal });
    }
  }
}

/** Deletes the bucket of `state` and the lock table: looks who uses them, asks, takes the locks away first, then the rest. */
import type { Aws } from '../../aws/aws.ts';
import { parseState } from '../../ledger/s3-ledger.ts';
import { plural } from '../../report/wording.ts';
import { RsdsError, ServiceError } from '../../shared/errors.ts';
import type { CommandContext } from '../context.ts';
import { openAccount } from '../environment/session.ts';
import { mustBeUnused } from './in-use.ts';

/** What there is to delete; undefined: there is none (any more). */
interface Backend {
  readonly bucket: string | undefined;
  readonly table: string | undefined;
}

export async function destroyBackend(context: CommandContext): Promise<undefined> {
  const { config, aws } = await openAccount(context);
  const found: Backend = {
    bucket: await ownBucket(aws, parseState(config.state)?.bucket),
    table: await ownTable(aws, config.lock.table),
  };
  if (found.bucket === undefined && found.table === undefined) context.notices.line('there is nothing to delete');
  else await destroy(aws, found, context);
  context.out.document({ deleted: { bucket: found.bucket ?? null, table: found.table ?? null } });
  return undefined;
}

async function destroy(aws: Aws, { bucket, table }: Backend, context: CommandContext): Promise<void> {
  const ledgers = await mustBeUnused(aws, { bucket, table });
  const name = bucket ?? table ?? '';
  await context.prompter.confirmByTyping(`${announcement({ bucket, table }, ledgers)} Type ${name} to go on:`, name);
  // Without the table no run can begin; one that did while this one was asking is seen by the second look.
  if (table !== undefined) {
    await mustBeUnused(aws, { bucket, table });
    await deleteTable(aws, table, context);
    context.out.text(`deleted the lock table ${table}`);
  }
  if (bucket === undefined) return;
  await mustBeUnused(aws, { bucket, table: undefined });
  await deleteBucket(aws, bucket);
  context.out.text(`deleted the bucket ${bucket}`);
}

function announcement({ bucket, table }: Backend, ledgers: number): string {
  const parts = [
    ...(bucket === undefined ? [] : [`the bucket ${bucket} with ${plural(ledgers, 'ledger')} and all their versions`]),
    ...(table === undefined ? [] : [`the lock table ${table}`]),
  ];
  return `This deletes ${parts.join(', and ')}, for good.`;
}

/** The bucket if it is there and carries the mark of `backend create`. */
async function ownBucket({ s3 }: Aws, bucket: string | undefined): Promise<string | undefined> {
  if (bucket === undefined || !(await s3.hasBucket(bucket))) return undefined;
  if ((await s3.tags(bucket))['rsds:shared'] === 'state') return bucket;
  throw notOurs(`the bucket ${bucket}`, 'rsds:shared=state');
}

async function ownTable({ dynamodb }: Aws, name: string): Promise<string | undefined> {
  const table = await dynamodb.describeTable(name);
  if (table === undefined) return undefined;
  if ((await dynamodb.tags(table.TableArn ?? ''))['rsds:shared'] === 'lock') return name;
  throw notOurs(`the table ${name}`, 'rsds:shared=lock');
}

const notOurs = (what: string, tag: string) =>
  new RsdsError('backend/not-ours', `${what} was not made by rsds: it has no tag ${tag}`, {
    hint: 'nothing was deleted; delete it by hand if nothing else needs it',
  });

const waitMsMax = 10 * 60_000;

async function deleteTable({ dynamodb }: Aws, name: string, { clock, signal }: CommandContext): Promise<void> {
  const since = clock.elapsed();
  for (;;) {
    const table = await dynamodb.describeTable(name);
    if (table === undefined) return;
    if (table.TableStatus === 'ACTIVE') {
      if (table.DeletionProtectionEnabled) await dynamodb.allowDeletion(name);
      else await dynamodb.deleteTable(name);
    }
    if (clock.elapsed() - since > waitMsMax)
      throw new RsdsError('step/timeout', `the table ${name} is still ${table.TableStatus} after ten minutes`, {
        hint: 'run the same command again',
      });
    await clock.sleep(2_000, { signal });
  }
}

async function deleteBucket({ s3 }: Aws, bucket: string): Promise<void> {
  for (;;) {
    const versions = await s3.listVersions(bucket);
    if (versions.length === 0) break;
    const why = await s3.deleteVersions(bucket, versions);
    if (why !== undefined)
      throw new RsdsError('aws/failed', `S3 does not delete a version in ${bucket}: ${why}`, {
        hint: 'the versions that are left are listed by aws s3api list-object-versions',
      });
  }
  try {
    await s3.deleteBucket(bucket);
  } catch (error) {
    if (!(error instanceof ServiceError && error.awsCode === 'BucketNotEmpty')) throw error;
    throw new RsdsError('backend/in-use', `something was written to ${bucket} just now`, {
      hint: 'run the same command again',
      cause: error,
    });
  }
}

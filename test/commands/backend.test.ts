/** `backend create`: what it makes, that it completes what is half there, and whose buckets it leaves alone. */
import { expect, test } from 'vitest';
import { createAws } from '../../src/aws/aws.ts';
import { DynamoLock } from '../../src/lock/dynamo-lock.ts';
import { LockTable } from '../../src/lock/lock-table.ts';
import { seededRandom } from '../../src/shared/random.ts';
import { openBeside, openProject, type Project } from '../support/project.ts';
import { clientConfigOf } from '../support/simulator.ts';
import { plainYaml } from '../support/standing.ts';

const bucket = 'airline-state';
const withState = (state: string) => plainYaml(1, `state: ${state}\n`);
const files = { 'schema.sql': '' };

function awsOf({ simulator, clock }: Project) {
  const { endpoint, credentials, region } = clientConfigOf(simulator.url);
  return createAws({ region, clock, random: seededRandom(9), environment: {}, endpoint, credentials });
}

const changes = (ran: Awaited<ReturnType<Project['run']>>) =>
  ran.requests.filter(({ mutating }) => mutating).map(({ operation }) => operation);

test('backend create makes a versioned, encrypted, closed bucket and a lock table that can be restored', async () => {
  const project = await openProject({ yaml: withState(`s3://${bucket}/team`), files });
  const { error, stderr } = await project.run('backend create');
  expect(error).toBeUndefined();
  expect(stderr).toMatch(/\+ bucket airline-state in us-east-1\n/);
  const { s3, dynamodb } = awsOf(project);
  expect([await s3.versioning(bucket), await s3.encryption(bucket)]).toEqual(['Enabled', 'AES256']);
  expect(await s3.publicAccessBlock(bucket)).toMatchObject({ BlockPublicPolicy: true, RestrictPublicBuckets: true });
  expect(await s3.tags(bucket)).toEqual({ 'rsds:shared': 'state' });
  const table = (await dynamodb.describeTable('rsds-locks'))?.TableName;
  expect(table).toBe('rsds-locks');
  expect(await dynamodb.pointInTimeRecovery('rsds-locks')).toBe(true);

  const again = await project.run('backend create');
  expect([again.error, changes(again)]).toEqual([undefined, []]);
});

test('backend create completes a bucket that is half there, and keeps its tags', async () => {
  const project = await openProject({ yaml: withState(`s3://${bucket}`), files });
  const { s3 } = awsOf(project);
  await s3.createBucket(bucket);
  await s3.tag(bucket, { team: 'data' });
  const ran = await project.run('backend create');
  expect(ran.error).toBeUndefined();
  expect(changes(ran)).not.toContain('CreateBucket');
  expect([await s3.versioning(bucket), await s3.tags(bucket)]).toEqual([
    'Enabled',
    { team: 'data', 'rsds:shared': 'state' },
  ]);
});

test('backend create leaves the bucket of somebody else alone, and makes nothing', async () => {
  const project = await openProject({ yaml: withState('s3://my-bucket/team'), files });
  const ran = await project.run('backend create');
  expect(ran.error).toMatchObject({ code: 'backend/foreign-bucket' });
  expect(changes(ran)).toEqual([]);
});

const destroyed = async (project: Project) => {
  const { s3, dynamodb } = awsOf(project);
  return [await s3.hasBucket(bucket), await dynamodb.describeTable('rsds-locks')];
};

test('backend destroy refuses while the environment stands, and deletes everything after down', async () => {
  const project = await openProject({ yaml: withState(`s3://${bucket}/team`), files });
  await project.run('backend create');
  expect((await project.run('up')).error).toBeUndefined();
  const refused = await project.run('backend destroy');
  expect(refused.error).toMatchObject({
    code: 'backend/in-use',
    message: expect.stringMatching(/airline-dev: \d+ resources in the ledger team\/airline-dev\.json/),
  });
  expect(changes(refused)).toEqual([]);

  expect((await project.run('down', { options: { finalSnapshot: true } })).error).toBeUndefined();
  const gone = await project.run('backend destroy');
  expect(gone.error).toBeUndefined();
  expect(gone.stdout).toMatch(/deleted the lock table rsds-locks\ndeleted the bucket airline-state/);
  expect(await destroyed(project)).toEqual([false, undefined]);

  const again = await project.run('backend destroy');
  expect([again.error, changes(again)]).toEqual([undefined, []]);
});

test('backend destroy sees environments whose ledgers are elsewhere, and runs that are under way', async () => {
  const project = await openProject({ yaml: withState(`s3://${bucket}`), files });
  await project.run('backend create');
  const local = openBeside(project, { yaml: plainYaml(1).replace('project: airline', 'project: hotel'), files });
  expect((await local.run('up')).error).toBeUndefined();
  const { error } = await project.run('backend destroy');
  expect(error).toMatchObject({
    code: 'backend/in-use',
    message: expect.stringMatching(/hotel-dev: arn:aws:.* stands/),
  });
  expect(await destroyed(project)).toEqual([true, expect.anything()]);

  expect((await local.run('down')).error).toBeUndefined();
  const table = new LockTable('rsds-locks', awsOf(project).dynamodb);
  const lock = new DynamoLock({ table, clock: project.clock, random: seededRandom(4), leaseMs: 60_000 });
  const info = { user: 'ana', host: 'laptop', pid: 4711, operation: 'up' };
  const lease = await lock.acquire('env#motel#dev', { info, waitMs: 0, signal: new AbortController().signal });
  const busy = await project.run('backend destroy');
  expect(busy.error?.message).toContain('env#motel#dev: held by ana on laptop (up)');
  await lease.release();
  expect((await project.run('backend destroy')).error).toBeUndefined();
  expect(await destroyed(project)).toEqual([false, undefined]);
});

test('backend destroy leaves alone what holds other things, or was not made by rsds', async () => {
  const project = await openProject({ yaml: withState(`s3://${bucket}`), files });
  await project.run('backend create');
  const { s3 } = awsOf(project);
  await s3.putText({ Bucket: bucket, Key: 'terraform.tfstate' }, '{"version": 4}', { IfNoneMatch: '*' });
  const other = await project.run('backend destroy');
  expect(other.error).toMatchObject({
    code: 'backend/not-ours',
    message: 's3://airline-state/terraform.tfstate is not a ledger',
  });
  await s3.tag(bucket, { team: 'data' });
  const untagged = await project.run('backend destroy');
  expect(untagged.error).toMatchObject({ code: 'backend/not-ours', message: expect.stringContaining('no tag') });
  expect([...changes(other), ...changes(untagged)]).toEqual([]);
});

test('backend destroy that was stopped between table and bucket goes on', async () => {
  const project = await openProject({ yaml: withState(`s3://${bucket}`), files });
  await project.run('backend create');
  project.simulator.intercept(({ operation }) =>
    operation === 'DeleteBucket' ? { error: { code: 'AccessDenied', message: 'no', status: 403 } } : undefined,
  );
  expect((await project.run('backend destroy')).error).toMatchObject({ code: 'aws/denied' });
  project.simulator.intercept(() => undefined);
  expect((await project.run('backend destroy')).error).toBeUndefined();
  expect(await destroyed(project)).toEqual([false, undefined]);
});

test('with local state, backend create makes the lock table only', async () => {
  const project = await openProject({ yaml: plainYaml(1), files });
  const ran = await project.run('backend create');
  expect(ran.error).toBeUndefined();
  expect(changes(ran).every((operation) => /^(CreateTable|UpdateContinuousBackups)$/.test(operation))).toBe(true);
});

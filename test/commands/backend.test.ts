/** `backend create`: what it makes, that it completes what is half there, and whose buckets it leaves alone. */
import { expect, test } from 'vitest';
import { createAws } from '../../src/aws/aws.ts';
import { seededRandom } from '../../src/shared/random.ts';
import { openProject, type Project } from '../support/project.ts';
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

test('with local state, backend create makes the lock table only', async () => {
  const project = await openProject({ yaml: plainYaml(1), files });
  const ran = await project.run('backend create');
  expect(ran.error).toBeUndefined();
  expect(changes(ran).every((operation) => /^(CreateTable|UpdateContinuousBackups)$/.test(operation))).toBe(true);
});

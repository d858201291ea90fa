/** An environment whose ledger is in S3: built, scaled, taken down; by two who do not see each other. */
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createAws } from '../../src/aws/aws.ts';
import type { LedgerDocument } from '../../src/ledger/ledger.ts';
import { seededRandom } from '../../src/shared/random.ts';
import { smallProject, smallSchema } from '../crash/small-project.ts';
import { openBeside, openProject, type Project } from '../support/project.ts';
import { clientConfigOf } from '../support/simulator.ts';

const bucket = 'airline-state';
const yaml = `${smallProject}state: s3://${bucket}/team\n`;
const files = { 'schema.sql': smallSchema };
const place = { Bucket: bucket, Key: 'team/airline-dev.json' };

function s3Of({ simulator, clock }: Project) {
  const { endpoint, credentials, region } = clientConfigOf(simulator.url);
  return createAws({ region, clock, random: seededRandom(9), environment: {}, endpoint, credentials }).s3;
}

async function openWithBucket() {
  const project = await openProject({ yaml, files });
  const s3 = s3Of(project);
  await s3.createBucket(bucket);
  await s3.enableVersioning(bucket);
  const stored = async () => JSON.parse((await s3.getText(place))?.text ?? 'null') as LedgerDocument | null;
  return { project, s3, stored };
}

const toS3 = (ran: Awaited<ReturnType<Project['run']>>) =>
  ran.requests.filter(({ service }) => service === 's3').map(({ operation }) => operation);

describe('state in S3', { timeout: 120_000 }, () => {
  test('up, scale and down keep the ledger there and nowhere else', async () => {
    const { project, stored } = await openWithBucket();
    expect((await project.run('up')).error).toBeUndefined();
    expect(existsSync(project.ledgerPath)).toBe(false);
    const built = await stored();
    expect(Object.values(built?.resources ?? {}).every(({ state }) => state === 'settled')).toBe(true);

    const again = await project.run('up');
    expect([again.exitCode, toS3(again)]).toEqual([0, ['GetObject']]);

    const scaled = await project.run('scale', { options: { consumers: 3 } });
    expect(scaled.error).toBeUndefined();
    expect(Object.keys((await stored())?.resources ?? {}).some((id) => id.includes('consumer-3'))).toBe(true);

    expect((await project.run('down')).error).toBeUndefined();
    const after = await stored();
    expect(Object.values(after?.resources ?? {}).filter(({ state }) => state !== 'removed')).toEqual([]);
    expect(after?.runs.map(({ command }) => command)).toEqual(['up', 'scale', 'down']);
  });

  test('a run goes on though answers of S3 are lost', async () => {
    const { project, stored } = await openWithBucket();
    let writes = 0;
    project.simulator.intercept(({ operation }) =>
      operation === 'PutObject' && ++writes % 7 === 0 ? 'lose-response' : undefined,
    );
    expect((await project.run('up')).error).toBeUndefined();
    expect((await stored())?.runs).toMatchObject([{ command: 'up', outcome: expect.any(String) }]);
    expect(writes).toBeGreaterThan(14);
  });

  test('what one colleague built, the other has nothing to do about, from a fresh checkout', async () => {
    const { project } = await openWithBucket();
    await project.run('up');
    const colleague = openBeside(project, { yaml, files });
    const plan = await colleague.run('plan', { options: { check: true } });
    expect([plan.error, plan.exitCode]).toEqual([undefined, 0]);
  });

  test('a ledger moves to the bucket and back, whole, and the old one is kept aside', async () => {
    const project = await openProject({ yaml: smallProject, files });
    const s3 = s3Of(project);
    await s3.createBucket(bucket);
    await project.run('up');
    const before = project.ledger();

    const there = await project.run('backend move', { options: { to: `s3://${bucket}/team` } });
    expect(there.error).toBeUndefined();
    expect(there.stdout).toContain(`set state: s3://${bucket}/team`);
    expect(JSON.parse((await s3.getText(place))?.text ?? '')).toEqual(before);
    expect(existsSync(project.ledgerPath)).toBe(false);
    expect(existsSync(`${project.ledgerPath}.moved-${before.lineage}-${before.serial}`)).toBe(true);

    const remote = openBeside(project, { yaml, files });
    const up = await remote.run('up');
    expect([up.error, toS3(up)]).toEqual([undefined, ['GetObject']]);
    const back = await remote.run('backend move', { options: { to: 'local' } });
    expect(back.error).toBeUndefined();
    expect(remote.ledger()).toEqual(before);
    expect(await s3.getText(place)).toBeUndefined();
    expect(await s3.listKeys(bucket, 'team/')).toEqual([
      `team/airline-dev.json.moved-${before.lineage}-${before.serial}`,
    ]);
  });

  test('a ledger does not move over one of another life', async () => {
    const { project, stored } = await openWithBucket();
    await project.run('up');
    const other = openBeside(project, { yaml: smallProject, files });
    await other.run('up');
    const before = await stored();
    const moved = await other.run('backend move', { options: { to: `s3://${bucket}/team` } });
    expect(moved.error).toMatchObject({ code: 'backend/occupied' });
    expect(await stored()).toEqual(before);
    expect(other.ledger().lineage).not.toBe(before?.lineage);
  });

  test('one bucket serves environments of all regions', async () => {
    const project = await openProject({ yaml: `${smallProject}state: s3://${bucket}/team\n`, files });
    const { endpoint, credentials } = clientConfigOf(project.simulator.url);
    const { clock } = project;
    const there = createAws({
      region: 'eu-west-1',
      clock,
      random: seededRandom(9),
      environment: {},
      endpoint,
      credentials,
    });
    await there.s3.createBucket(bucket);
    expect((await project.run('up')).error).toBeUndefined();
    expect(await there.s3.getText(place)).toBeDefined();
    const created = await project.run('backend create');
    expect([created.error, await there.s3.versioning(bucket)]).toEqual([undefined, 'Enabled']);
  });

  test('a ledger does not move over a newer one of the same life', async () => {
    const { project, s3 } = await openWithBucket();
    const local = openBeside(project, { yaml: smallProject, files });
    await local.run('up');
    const ours = local.ledger();
    const newer = JSON.stringify({ ...ours, serial: ours.serial + 1 });
    await s3.putText(place, newer, { IfNoneMatch: '*' });
    const moved = await local.run('backend move', { options: { to: `s3://${bucket}/team` } });
    expect(moved.error).toMatchObject({
      code: 'backend/occupied',
      message: expect.stringContaining(`serial ${ours.serial + 1}, ours ${ours.serial}`),
    });
    expect([(await s3.getText(place))?.text, local.ledger()]).toEqual([newer, ours]);
  });

  test('without the bucket, nothing is touched', async () => {
    const project = await openProject({ yaml, files });
    const { error, requests } = await project.run('up');
    expect(error).toMatchObject({ code: 'ledger/no-bucket' });
    expect(requests.filter(({ mutating }) => mutating)).toEqual([]);
  });
});

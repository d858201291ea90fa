/** A ledger that can't be used any more: said before anything is touched, and made anew from tags and names. */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { createAws } from '../../src/aws/aws.ts';
import type { LedgerDocument } from '../../src/ledger/ledger.ts';
import { seededRandom } from '../../src/shared/random.ts';
import type { SavedSimulator } from '../../src/simulator/simulator.ts';
import { smallProject, smallSchema } from '../crash/small-project.ts';
import { settledWorld } from '../support/aftermath.ts';
import { openProject, type Project, type Ran, startProject } from '../support/project.ts';
import { clientConfigOf } from '../support/simulator.ts';

const files = { 'schema.sql': smallSchema };
const rebuild = { options: { rebuildLedger: true } };

let saved: SavedSimulator;
let whole: string;

beforeAll(async () => {
  const project = await startProject({ yaml: smallProject, files });
  expect((await project.run('up')).error).toBeUndefined();
  saved = await project.simulator.save();
  whole = readFileSync(project.ledgerPath, 'utf8');
  await project.close();
});

const standing = (ledger: string | undefined, yaml = smallProject) => openProject({ yaml, files, saved, ledger });

/** What went to AWS and changed something there. The lock's record is not of the environment. */
const changing = ({ requests }: Ran): string[] =>
  requests
    .filter(({ mutating, service }) => mutating && service !== 'dynamodb')
    .map(({ operation }) => operation)
    .filter((operation) => !operation.startsWith('Describe'));

const besideLedger = ({ ledgerPath }: Project) =>
  readdirSync(dirname(ledgerPath))
    .map((name) => join(dirname(ledgerPath), name))
    .filter((path) => path.startsWith(`${ledgerPath}.`));

const changed = (key: string, value: unknown) => JSON.stringify({ ...JSON.parse(whole), [key]: value });
/** What it knows of the resources; that no statement is under way is as good as nothing. */
const statesOf = ({ resources }: LedgerDocument) =>
  Object.fromEntries(
    Object.entries(resources).map(
      ([
        id,
        {
          kind,
          state,
          data: { statement, ...data },
        },
      ]) => [id, { kind, state, data: statement ? { ...data, statement } : data }],
    ),
  );

const useless: readonly (readonly [what: string, text: () => string, code: string])[] = [
  ['that is empty', () => '', 'ledger/unreadable'],
  ['that was cut short', () => whole.slice(0, whole.length / 2), 'ledger/unreadable'],
  ['of a disk that lost its pages', () => '\0'.repeat(whole.length), 'ledger/unreadable'],
  ['that is JSON of something else', () => '[1, 2]', 'ledger/unreadable'],
  ['with a record that no rsds wrote', () => changed('resources', { 'vpc/vpc': 'mine' }), 'ledger/unreadable'],
  ['with a history that no rsds wrote', () => changed('runs', ['yesterday']), 'ledger/unreadable'],
  ['of a newer rsds', () => changed('version', 2), 'ledger/newer'],
  ['of another environment', () => changed('environment', 'prod'), 'ledger/foreign'],
  ['of another account', () => changed('account', '999999999999'), 'ledger/foreign'],
];

describe('a ledger', { timeout: 60_000 }, () => {
  test.each(useless)('%s is refused, and made anew when that is asked for', async (_what, text, code) => {
    const project = await standing(text());
    const refused = await project.run('up');
    expect(refused.error).toMatchObject({ code, hint: expect.stringContaining('rsds up --rebuild-ledger') });
    expect([refused.exitCode, changing(refused)]).toEqual([1, []]);
    expect(readFileSync(project.ledgerPath, 'utf8')).toBe(text());

    const up = await project.run('up', rebuild);
    expect([up.error, changing(up)]).toEqual([undefined, []]);
    expect(statesOf(project.ledger())).toEqual(statesOf(JSON.parse(whole)));
    const [aside, ...more] = besideLedger(project);
    expect([readFileSync(aside ?? '', 'utf8'), more]).toEqual([text(), []]);
    expect(up.stderr).toContain(`the old one is kept as ${aside}`);
    expect(statSync(aside ?? '').mode & 0o777).toBe(0o600);

    expect((await project.run('up')).stdout).toContain('nothing to do');
  });

  test('that can be used keeps its history and its life when it is made anew', async () => {
    const before = JSON.parse(whole) as LedgerDocument;
    const project = await standing(whole);
    expect((await project.run('up', rebuild)).error).toBeUndefined();
    const { lineage, serial, runs, measured } = project.ledger();
    expect([lineage, measured]).toEqual([before.lineage, before.measured]);
    expect(runs.map(({ command }) => command)).toEqual(['up', 'up']);
    expect(serial).toBeGreaterThan(before.serial);
  });

  test('that is not there is as good as rebuilt: nothing is kept aside', async () => {
    const project = await standing(undefined);
    const up = await project.run('up', rebuild);
    expect([up.error, changing(up), besideLedger(project)]).toEqual([undefined, [], []]);
    expect(statesOf(project.ledger())).toEqual(statesOf(JSON.parse(whole)));
  });

  test('that is damaged does not keep down from taking everything away', async () => {
    const project = await standing(whole.slice(0, 2_000));
    const control = await standing(whole);
    expect((await project.run('down')).error).toMatchObject({ code: 'ledger/unreadable' });
    const down = await project.run('down', { options: { rebuildLedger: true, finalSnapshot: false } });
    expect(down.error).toBeUndefined();
    expect((await control.run('down', { options: { finalSnapshot: false } })).error).toBeUndefined();
    expect(settledWorld(project)).toEqual(settledWorld(control));
    expect(project.ledger().resources).toEqual({});
  });

  test('that is damaged hides neither the locks nor what is wrong', async () => {
    const project = await standing('{');
    const locks = await project.run('lock show');
    expect([locks.error, locks.stdout]).toEqual([undefined, expect.stringMatching(/^environment +free/)]);
    expect((await project.run('lock release', { options: { id: 'nobody' } })).stdout).toContain('nothing to do');
    const { exitCode, stdout } = await project.run('diagnose', { options: { watch: true } });
    expect(exitCode).toBe(5);
    expect(stdout.replace(/\s+/g, ' ')).toMatch(/✖ fault the ledger .*airline-dev\.json cannot be used: it is not/);
    expect(stdout).toContain('rsds up --rebuild-ledger --region us-east-1 --sim');
  });

  test('that is damaged is mended by a down that finds nothing else to do', async () => {
    const project = await openProject({ yaml: smallProject, files, ledger: 'rubbish' });
    expect((await project.run('down', rebuild)).error).toBeUndefined();
    expect(project.ledger().resources).toEqual({});
    expect(besideLedger(project)).toHaveLength(1);
  });

  test('is found again with all that it had, also what the file no longer asks for', async () => {
    const fewer = smallProject.replace(/count: \d+/, 'count: 1');
    expect(fewer).not.toBe(smallProject);
    const project = await standing('', fewer);
    const up = await project.run('up', rebuild);
    expect([up.error, changing(up)]).toEqual([undefined, expect.arrayContaining(['DeleteWorkgroup'])]);
    expect(project.ledger().resources['consumer-2/namespace']?.state).toBe('removed');
  });

  test('of a run that was cut off, and lost with it, does not keep the next from going on', async () => {
    const project = await openProject({ yaml: smallProject, files });
    const stop = new AbortController();
    project.simulator.intercept(({ operation }) => {
      if (operation === 'CreateEndpointAccess') stop.abort();
      return undefined;
    });
    expect((await project.run('up', { signal: stop.signal })).exitCode).not.toBe(0);
    project.simulator.intercept(() => undefined);
    writeFileSync(project.ledgerPath, '{"version": 1,');
    expect((await project.run('up', rebuild)).error).toBeUndefined();
    const undisturbed = await standing(whole);
    expect(settledWorld(project)).toEqual(settledWorld(undisturbed));
    expect(Object.keys(project.ledger().resources).sort()).toEqual(Object.keys(JSON.parse(whole).resources).sort());
  });

  test('whose lock table was made anew is refused at each run, and told the way out', async () => {
    // As after hundreds of runs under the old table, with something left to do.
    const project = await standing(changed('fence', 500).replace('"state":"settled"', '"state":"failed"'));
    const refused = await project.run('up');
    expect(refused.error).toMatchObject({ code: 'ledger/fenced', hint: expect.stringContaining('--rebuild-ledger') });
    expect((await project.run('up', rebuild)).error).toBeUndefined();
    expect(project.ledger().fence).toBeLessThan(500);
    expect((await project.run('up')).error).toBeUndefined();
  });
});

test('a bucket that is gone is told by diagnose, and named with its way out by up', { timeout: 60_000 }, async () => {
  const project = await standing(undefined, `${smallProject}state: s3://airline-state/team\n`);
  expect((await project.run('up')).error).toMatchObject({ code: 'ledger/no-bucket', hint: 'rsds backend create' });
  const { exitCode, stdout } = await project.run('diagnose', { options: { watch: true } });
  expect([exitCode, stdout]).toEqual([5, expect.stringContaining('rsds backend create --region us-east-1 --sim')]);
});

test('a ledger in S3 that can not be used is made anew, and the old one kept beside it', {
  timeout: 60_000,
}, async () => {
  const bucket = 'airline-state';
  const project = await standing(undefined, `${smallProject}state: s3://${bucket}/team\n`);
  const { s3 } = createAws({
    ...clientConfigOf(project.simulator.url),
    ...{ clock: project.clock, random: seededRandom(9), environment: {} },
  });
  await s3.createBucket(bucket);
  const place = { Bucket: bucket, Key: 'team/airline-dev.json' };
  await s3.putText(place, whole.slice(0, 900), { IfNoneMatch: '*' });
  expect((await project.run('up')).error).toMatchObject({ code: 'ledger/unreadable' });

  const up = await project.run('up', rebuild);
  expect(up.error).toBeUndefined();
  const [, aside = '', ...more] = await s3.listKeys(bucket, 'team/');
  expect([aside, more]).toEqual([expect.stringMatching(/^team\/airline-dev\.json\.replaced-\d{8}T\d{9}Z$/), []]);
  expect((await s3.getText({ Bucket: bucket, Key: aside }))?.text).toBe(whole.slice(0, 900));
  const stored = JSON.parse((await s3.getText(place))?.text ?? '') as LedgerDocument;
  expect(statesOf(stored)).toEqual(statesOf(JSON.parse(whole)));
});

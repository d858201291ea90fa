/** The ledger in S3, against the simulator's: who may write, and what becomes of answers that are lost. */
import { describe, expect, it } from 'vitest';
import { createAws } from '../../src/aws/aws.ts';
import { ledgerKey, openS3Ledger, parseState } from '../../src/ledger/s3-ledger.ts';
import { RealClock } from '../../src/shared/clock.ts';
import { seededRandom } from '../../src/shared/random.ts';
import type { Interception } from '../../src/simulator/simulator.ts';
import { startTestSimulator } from '../support/simulator.ts';

const identity = { project: 'airline', environment: 'dev', account: '123456789012', region: 'us-east-1' };
const intent = { type: 'intended', id: 'vpc/vpc', kind: 'vpc', action: 'create', title: 'create', at: 1 } as const;
const applied = { type: 'applied', id: 'vpc/vpc', at: 2 } as const;
const bucket = 'airline-state';
const key = ledgerKey('team', identity);

async function start() {
  const { simulator, clientConfig } = await startTestSimulator();
  const { endpoint, credentials } = clientConfig;
  const clock = new RealClock();
  const random = seededRandom(1);
  const aws = createAws({ region: 'us-east-1', clock, random, environment: {}, endpoint, credentials });
  await aws.s3.createBucket(bucket);
  const openIt = (changes: Partial<typeof identity> = {}) =>
    openS3Ledger({ bucket, key, identity: { ...identity, ...changes }, calls: aws.s3, clock, random });
  /** What becomes of the next write of an object. */
  const nextWrite = (fate: Interception) => {
    let left = 1;
    simulator.intercept(({ operation }) => (operation === 'PutObject' && left-- > 0 ? fate : undefined));
  };
  const stored = async () => JSON.parse((await aws.s3.getText({ Bucket: bucket, Key: key }))?.text ?? 'null');
  return { aws, simulator, openIt, nextWrite, stored };
}

describe('state', () => {
  it.each([
    ['local', undefined],
    ['s3://airline', { bucket: 'airline', prefix: '' }],
    ['s3://airline/team/a/', { bucket: 'airline', prefix: 'team/a' }],
  ])('%s is understood', (text, parsed) => {
    expect(parseState(text)).toEqual(parsed);
  });

  it('without a prefix keeps the ledger at the top of the bucket', () => {
    expect([ledgerKey('', identity), key]).toEqual(['airline-dev.json', 'team/airline-dev.json']);
  });
});

describe('the ledger in S3', () => {
  it('is not there before the first record, and keeps what was recorded', async () => {
    const { openIt, stored } = await start();
    const ledger = await openIt();
    expect([ledger.existed, await stored()]).toEqual([false, null]);
    await Promise.all([ledger.record(intent), ledger.record(applied)]);
    const { lineage } = ledger.document();
    const again = await openIt();
    expect(again.document()).toMatchObject({ serial: 2, lineage, resources: { 'vpc/vpc': { state: 'applied' } } });
    expect(again.path).toBe('s3://airline-state/team/airline-dev.json');
  });

  it('is made by one of two that start with nothing', async () => {
    const { openIt, stored } = await start();
    const [one, other] = [await openIt(), await openIt()];
    await one.record(intent);
    await expect(other.record(intent)).rejects.toMatchObject({ code: 'ledger/fenced', exitCode: 4 });
    expect(await stored()).toMatchObject({ serial: 1, lineage: one.document().lineage });
  });

  it('refuses the writes of a run that was overtaken', async () => {
    const { openIt } = await start();
    const slow = await openIt();
    slow.fence(1);
    await slow.record(intent);
    const fast = await openIt();
    fast.fence(2);
    await fast.record(applied);
    await expect(slow.record(applied)).rejects.toMatchObject({ code: 'ledger/fenced' });
    const late = await openIt();
    expect(() => late.fence(1)).toThrow(/fence 2, ours is 1/);
    await slow.reload();
    expect(slow.document().serial).toBe(2);
  });

  it.each<[string, Interception]>([
    ['whose answer was lost is recognised as made', 'lose-response'],
    ['that never arrived is made again', 'lose-request'],
    ['that met another under way is made again', conflict()],
  ])('a write %s', async (_what, fate) => {
    const { openIt, nextWrite, stored, simulator } = await start();
    const ledger = await openIt();
    nextWrite(fate);
    await ledger.record(intent);
    nextWrite(fate);
    await ledger.record(applied);
    expect(await stored()).toMatchObject({ serial: 2, resources: { 'vpc/vpc': { state: 'applied' } } });
    const writes = simulator.requests.since(0).filter(({ operation, lost }) => operation === 'PutObject' && !lost);
    expect(writes.length).toBeLessThanOrEqual(4);
  });

  it('that another wrote while an answer was lost is not written over', async () => {
    const { openIt, nextWrite, stored } = await start();
    const slow = await openIt();
    await slow.record(intent);
    const fast = await openIt();
    fast.fence(2);
    await fast.record(applied);
    nextWrite('lose-request');
    await expect(slow.record(applied)).rejects.toMatchObject({ code: 'ledger/fenced' });
    expect(await stored()).toMatchObject({ fence: 2, serial: 2 });
  });

  it('of another account, empty or cut short is an error, never "nothing there"', async () => {
    const { openIt, aws } = await start();
    await (await openIt()).record(intent);
    await expect(openIt({ account: '999999999999' })).rejects.toMatchObject({ code: 'ledger/foreign' });
    const { text = '', etag = '' } = (await aws.s3.getText({ Bucket: bucket, Key: key })) ?? {};
    await aws.s3.putText({ Bucket: bucket, Key: key }, text.slice(0, 100), { IfMatch: etag });
    await expect(openIt()).rejects.toMatchObject({ code: 'ledger/unreadable' });
  });

  it('without its bucket says how to make it', async () => {
    const { openIt, aws } = await start();
    await aws.s3.deleteBucket(bucket);
    await expect(openIt()).rejects.toMatchObject({
      code: 'ledger/no-bucket',
      hint: 'rsds backend create',
    });
  });

  it('never writes an illegal transition', async () => {
    const { openIt, stored } = await start();
    await expect((await openIt()).record(applied)).rejects.toMatchObject({ exitCode: 70 });
    expect(await stored()).toBeNull();
  });
});

function conflict(): Interception {
  return { error: { code: 'ConditionalRequestConflict', message: 'a conflicting operation', status: 409 } };
}

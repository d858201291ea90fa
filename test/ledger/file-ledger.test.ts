import { readdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ledgerPath, openFileLedger } from '../../src/ledger/file-ledger.ts';
import { RealClock } from '../../src/shared/clock.ts';
import { seededRandom } from '../../src/shared/random.ts';

const identity = { project: 'airline', environment: 'dev', account: '123456789012', region: 'us-east-1' };
const intent = { type: 'intended', id: 'vpc/vpc', kind: 'vpc', action: 'create', title: 'create', at: 1 } as const;

let folder: string;
let path: string;
const openIt = (changes: Partial<typeof identity> = {}) =>
  openFileLedger({ path, identity: { ...identity, ...changes }, clock: new RealClock(), random: seededRandom(1) });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rsds-ledger-'));
  path = ledgerPath(folder, identity);
});
afterEach(() => rm(folder, { recursive: true }));

describe('the ledger file', () => {
  it('is not there before the first record', async () => {
    const ledger = await openIt();
    expect([ledger.existed, await readdir(folder)]).toEqual([false, []]);
  });

  it('keeps what was recorded, for its owner alone', async () => {
    await (await openIt()).record(intent);
    const again = await openIt();
    expect(again.document()).toMatchObject({ serial: 1, resources: { 'vpc/vpc': { state: 'intended' } } });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['airline-dev.json']);
  });

  it('keeps its lineage, and grows its serial with each write', async () => {
    const ledger = await openIt();
    await Promise.all([ledger.record(intent), ledger.record({ type: 'applied', id: 'vpc/vpc', at: 2 })]);
    const { lineage } = ledger.document();
    expect((await openIt()).document()).toMatchObject({
      serial: 2,
      lineage,
      resources: { 'vpc/vpc': { state: 'applied' } },
    });
  });

  it('is an error when it was cut short at any byte, never "nothing there"', async () => {
    await (await openIt()).record(intent);
    const whole = await readFile(path, 'utf8');
    for (let length = 0; length < whole.trimEnd().length; length++) {
      await writeFile(path, whole.slice(0, length));
      await expect(openIt(), `${length} bytes`).rejects.toMatchObject({
        code: 'ledger/unreadable',
        hint: expect.stringContaining('--rebuild-ledger'),
      });
    }
  });

  it('is replaced when it is to be made anew, with the first record, and kept aside to the byte', async () => {
    const broken = Buffer.from([0x7b, 0xff, 0x00, 0x22]);
    await writeFile(path, broken);
    const clock = new RealClock();
    const ledger = await openFileLedger({ path, identity, clock, random: seededRandom(1), rebuild: true });
    await ledger.reload();
    ledger.fence(3);
    expect(await readFile(path)).toEqual(broken);
    const { aside = '' } = ledger;
    await ledger.record(intent);
    await ledger.record({ type: 'applied', id: 'vpc/vpc', at: 2 });
    expect((await openIt()).document()).toMatchObject({ serial: 2, resources: { 'vpc/vpc': { state: 'applied' } } });
    expect([await readFile(aside), ledger.aside]).toEqual([broken, undefined]);
    expect((await readdir(folder)).length).toBe(2);
  });

  it('that another run has replaced in the meantime is not taken for the broken one', async () => {
    await writeFile(path, 'broken');
    const clock = new RealClock();
    const late = await openFileLedger({ path, identity, clock, random: seededRandom(1), rebuild: true });
    const first = await openFileLedger({ path, identity, clock, random: seededRandom(2), rebuild: true });
    await first.record(intent);
    await expect(late.record(intent)).rejects.toMatchObject({ code: 'ledger/fenced' });
    await late.reload();
    expect(late.document()).toMatchObject({ lineage: first.document().lineage });
  });

  it.each([
    ['another account', { account: '999999999999' }, 'ledger/foreign'],
    ['another region', { region: 'eu-west-1' }, 'ledger/foreign'],
    ['another project', { project: 'hotel' }, 'ledger/foreign'],
  ])('of %s is refused', async (_what, changes, code) => {
    await (await openIt()).record(intent);
    await expect(openIt(changes)).rejects.toMatchObject({ code });
  });

  it('of a newer rsds is refused', async () => {
    await (await openIt()).record(intent);
    await writeFile(path, (await readFile(path, 'utf8')).replace('"version": 1', '"version": 2'));
    await expect(openIt()).rejects.toMatchObject({ code: 'ledger/newer' });
  });

  it('refuses the writes of a run that was overtaken', async () => {
    const slow = await openIt();
    slow.fence(1);
    await slow.record(intent);
    const fast = await openIt();
    fast.fence(2);
    await fast.record({ type: 'applied', id: 'vpc/vpc', at: 2 });
    await expect(slow.record({ type: 'applied', id: 'vpc/vpc', at: 3 })).rejects.toMatchObject({
      code: 'ledger/fenced',
      exitCode: 4,
    });
    const late = await openIt();
    expect(() => late.fence(1)).toThrow(/fence 2, ours is 1/);
  });

  it('refuses the write of a run that was overtaken while it wrote', async () => {
    const slow = await openIt();
    slow.fence(1);
    await slow.record(intent);
    const fast = (await readFile(path, 'utf8'))
      .replace('"fence": 1', '"fence": 2')
      .replace('"serial": 1', '"serial": 2');
    const refused = expect(slow.record({ type: 'applied', id: 'vpc/vpc', at: 3 })).rejects.toMatchObject({
      code: 'ledger/fenced',
    });
    // Its new content is about to take the place of the old one: as good as stopped there, and going on later.
    while (!readdirSync(folder).some((name) => name.endsWith('.tmp'))) await setImmediate();
    writeFileSync(path, fast);
    await refused;
    expect(await readFile(path, 'utf8')).toBe(fast);
    expect(await readdir(folder)).toEqual(['airline-dev.json']);
  });

  it('never writes an illegal transition', async () => {
    const ledger = await openIt();
    await ledger.record({ type: 'settled', id: 'vpc/vpc', kind: 'vpc', data: {}, at: 1 });
    await expect(ledger.record({ type: 'applied', id: 'vpc/vpc', at: 2 })).rejects.toMatchObject({ exitCode: 70 });
    expect((await openIt()).document().resources['vpc/vpc']?.state).toBe('settled');
  });

  it('says so when it cannot be written', async () => {
    path = join(folder, 'airline-dev.json', 'not-a-folder.json');
    await writeFile(join(folder, 'airline-dev.json'), '');
    await expect(openIt()).rejects.toMatchObject({ code: 'ledger/unreadable' });
  });
});

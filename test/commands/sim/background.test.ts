import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ignoredVariables, simulatedEnvironment } from '../../../src/commands/sim/attach.ts';
import { findSimulator } from '../../../src/commands/sim/background.ts';
import { askControl, serveControl } from '../../../src/commands/sim/control.ts';
import { IdleWatch } from '../../../src/commands/sim/idle-watch.ts';
import { Keeper } from '../../../src/commands/sim/keeper.ts';
import {
  claimPortFile,
  discardPortFile,
  type PortFile,
  placeExclusively,
  readPortFile,
} from '../../../src/commands/sim/port-file.ts';
import { loadWorld, saveWorld } from '../../../src/commands/sim/world-file.ts';
import { VirtualClock } from '../../../src/shared/clock.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rsds-sim-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const portFile = (change: Partial<PortFile> = {}): PortFile => ({
  version: 1,
  pid: process.pid,
  port: 1,
  controlPort: 1,
  token: 'aaaa',
  accessKeyId: 'AKIAOPERATOR',
  build: 'b',
  speed: 60,
  ...change,
});

describe('the port file', () => {
  it('is claimed by the first and kept from the second', () => {
    expect(claimPortFile(folder, portFile())).toBe(true);
    expect(claimPortFile(folder, portFile({ token: 'bbbb' }))).toBe(false);
    expect(readPortFile(folder)?.token).toBe('aaaa');
    expect(readdirSync(folder)).toEqual(['simulator.json']);
  });

  it('is taken away only by the one whose token is in it', () => {
    claimPortFile(folder, portFile());
    discardPortFile(folder, 'bbbb');
    expect(readPortFile(folder)?.token).toBe('aaaa');
    discardPortFile(folder, 'aaaa');
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each(['', '{', 'null', '{"version":2,"port":1,"token":"x"}'])('%j is no port file', (text) => {
    writeFileSync(join(folder, 'simulator.json'), text);
    expect(readPortFile(folder)).toBeUndefined();
    discardPortFile(folder, undefined);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('finding the simulator', () => {
  const noSuchProcess = 2 ** 22 + 1;

  it('a file of a process that is gone counts for nothing', async () => {
    claimPortFile(folder, portFile({ pid: noSuchProcess }));
    expect(await findSimulator(folder)).toBeUndefined();
  });

  it('a process that does not answer with the token is not ours', async () => {
    const other = await serveControl('other', { '/ping': () => undefined });
    claimPortFile(folder, portFile({ controlPort: other.port }));
    expect(await findSimulator(folder)).toBeUndefined();
    other.close();
  });

  it('one that answers is found', async () => {
    const control = await serveControl('aaaa', { '/ping': () => undefined });
    claimPortFile(folder, portFile({ controlPort: control.port }));
    expect(await findSimulator(folder)).toMatchObject({ token: 'aaaa' });
    control.close();
  });
});

describe('control', () => {
  it('answers JSON, refuses what it does not know, tells what went wrong', async () => {
    const control = await serveControl('aaaa', {
      '/log': (query) => ({ since: query.get('since') }),
      '/fail': () => {
        throw new Error('no luck');
      },
    });
    const to = portFile({ controlPort: control.port });
    expect(await askControl(to, '/log?since=7')).toEqual({ since: '7' });
    await expect(askControl(to, '/toString')).rejects.toThrow('404');
    await expect(askControl(to, '/fail')).rejects.toThrow('no luck');
    await expect(askControl({ ...to, token: 'x' }, '/log')).rejects.toThrow('403');
    control.close();
    await expect(askControl(to, '/log')).rejects.toThrow('ECONNREFUSED');
  });
});

it('a file is placed once, whole, and leaves no temporary one', () => {
  const file = join(folder, 'starting');
  expect([placeExclusively(file, 'one', 'a'), placeExclusively(file, 'two', 'b')]).toEqual([true, false]);
  expect(readFileSync(file, 'utf8')).toBe('one');
  expect(readdirSync(folder)).toEqual(['starting']);
});

it('ten minutes without a request are too long', () => {
  const clock = new VirtualClock();
  let requests = 0;
  const idle = new IdleWatch(clock, () => requests);
  clock.advance(9 * 60_000);
  expect(idle.leftMs()).toBe(60_000);
  requests = 1;
  expect(idle.leftMs()).toBe(600_000);
  clock.advance(600_000);
  expect(idle.leftMs()).toBe(0);
  idle.touch();
  expect(idle.leftMs()).toBe(600_000);
});

describe('keeping the world', () => {
  function keeping(read: () => Promise<unknown>) {
    const clock = new VirtualClock();
    const told: string[] = [];
    const keeper = new Keeper({ directory: folder, clock, log: (text) => told.push(text) });
    keeper.keep(read);
    return { clock, keeper, told };
  }

  it('many mutations in a row are one save', async () => {
    let saves = 0;
    const { clock, keeper } = keeping(() => Promise.resolve({ saves: ++saves }));
    for (let n = 0; n < 10; n++) keeper.touch();
    clock.advance(1_000);
    await keeper.finish();
    expect(loadWorld(folder)).toEqual({ saves: 2 });
  });

  it('what was written while a save was being prepared is newer, and stays', async () => {
    let give = (_saved: unknown) => {};
    const { clock, keeper } = keeping(
      () =>
        new Promise((resolve) => {
          give = resolve;
        }),
    );
    keeper.touch();
    clock.advance(1_000);
    await new Promise((resolve) => setImmediate(resolve));
    keeper.write('newer');
    give('older');
    await new Promise((resolve) => setImmediate(resolve));
    expect(loadWorld(folder)).toBe('newer');
  });

  it('what is written at once needs no save soon after', async () => {
    let saves = 0;
    const { clock, keeper } = keeping(() => Promise.resolve({ saves: ++saves }));
    keeper.touch();
    keeper.write('at once');
    clock.advance(1_000);
    await new Promise((resolve) => setImmediate(resolve));
    expect({ saves, world: loadWorld(folder) }).toEqual({ saves: 0, world: 'at once' });
  });

  it('bytes and plain data come back as they were', () => {
    const saved = { version: 1, world: { now: 5, list: [1, undefined] }, plane: new Uint8Array([1, 2, 255]) };
    saveWorld(folder, saved);
    expect(loadWorld(folder)).toEqual(saved);
    expect(readdirSync(folder)).toEqual(['world.bin']);
  });

  it('a discarded world is not saved', async () => {
    const { keeper } = keeping(() => Promise.resolve(1));
    keeper.discard();
    await keeper.finish();
    expect(loadWorld(folder)).toBeUndefined();
  });

  it('a save that fails is told, and ends nothing', async () => {
    const { keeper, told } = keeping(() => Promise.reject(new Error('disk full')));
    await keeper.finish();
    expect(told).toEqual(['the world could not be saved: disk full']);
  });

  it('a file that is no world is an error that names the way out', () => {
    writeFileSync(join(folder, 'world.bin'), 'nonsense');
    expect(() => loadWorld(folder)).toThrow(expect.objectContaining({ code: 'sim/unreadable' }));
  });
});

describe('the environment under --sim', () => {
  const environment = {
    PATH: '/bin',
    AWS_REGION: 'eu-west-1',
    AWS_PROFILE: 'prod',
    AWS_ACCESS_KEY_ID: 'AKIA',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_ENDPOINT_URL_EC2: 'https://example.org',
    AWS_USE_FIPS_ENDPOINT: '',
  };

  it('nothing in it leads to a real account', () => {
    expect(simulatedEnvironment(environment)).toEqual({
      PATH: '/bin',
      AWS_REGION: 'eu-west-1',
      AWS_CONFIG_FILE: devNull,
      AWS_SHARED_CREDENTIALS_FILE: devNull,
      AWS_EC2_METADATA_DISABLED: 'true',
    });
  });

  it('what is ignored can be named', () => {
    expect(ignoredVariables(environment)).toEqual([
      'AWS_ACCESS_KEY_ID',
      'AWS_ENDPOINT_URL_EC2',
      'AWS_PROFILE',
      'AWS_SECRET_ACCESS_KEY',
    ]);
  });
});

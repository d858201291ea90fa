/** What a Postgres starts from is made once on a machine, not once in each process. */
import { mkdtempSync, readdirSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { cachedImage } from '../../../src/simulator/plane/base-image.ts';

function cache() {
  const directory = mkdtempSync(join(tmpdir(), 'rsds-image-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  let made = 0;
  const make = async () => new Uint8Array([++made, 2, 3]);
  return {
    directory,
    load: () => cachedImage(directory, make),
    file: () => join(directory, readdirSync(directory)[0] ?? ''),
  };
}

it('is made by the first process and read by the next', async () => {
  const { load } = cache();
  expect([...(await load())]).toEqual([1, 2, 3]);
  expect([...(await load())]).toEqual([1, 2, 3]);
});

it('is made again when what was kept is damaged', async () => {
  const { load, file } = cache();
  await load();
  truncateSync(file(), 34);
  expect([...(await load())]).toEqual([2, 2, 3]);
  expect([...(await load())]).toEqual([2, 2, 3]);
});

it('is made each time where it can not be kept', async () => {
  const image = await cachedImage('/dev/null/no-directory', async () => new Uint8Array([7]));
  expect([...image]).toEqual([7]);
});

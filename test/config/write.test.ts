import { chmod, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { setConsumers, writeFileAtomically } from '../../src/config/write.ts';
import { RsdsError } from '../../src/shared/errors.ts';
import { folderOfTest } from '../support/folder.ts';
import { config } from './faults.ts';

const plain = `# our warehouse
project: airline   # short
region: us-east-1

consumers:
  # as many as BI needs
  count: 3         # was 2 until May
  baseCapacity: 16

datashare: {schemas: [public]}
`;

const set = (text: string, count: number, without: number[] = [], environment = 'dev') =>
  setConsumers(text, environment, { count, without });

describe('writing the number of consumers', () => {
  it('changes the figure and nothing else', async () => {
    expect(await set(plain, 5)).toBe(plain.replace('count: 3 ', 'count: 5 '));
  });

  it('keeps the numbers left out beside the count', async () => {
    const text = await set(plain, 2, [2]);
    expect(text).toContain('  # as many as BI needs\n  without: [2]\n  count: 2         # was 2 until May\n');
    expect((await config(text)).consumers).toMatchObject({ count: 2, without: [2], baseCapacity: 16 });
  });

  it('empties the numbers left out again', async () => {
    const text = await set(await set(plain, 2, [2]), 3, []);
    expect(text).toContain('without: []');
    expect((await config(text)).consumers).toMatchObject({ count: 3, without: [] });
  });

  it('goes into the section of the environment that overrides the count', async () => {
    const text = `${plain}environments:\n  dev: { consumers: { count: 2, baseCapacity: 8 } }\n  prod: { consumers: { count: 5 } } # big\n`;
    expect(await set(text, 7, [], 'prod')).toBe(text.replace('count: 5', 'count: 7'));
    expect(await set(text, 1, [2], 'dev')).toBe(text.replace('{ count: 2,', '{ without: [2], count: 1,'));
  });

  it('leaves a default alone that other environments share', async () => {
    const text = `${plain}environments:\n  dev:\n  prod:\n    # careful\n    tags: { tier: gold }\n`;
    const prod = await set(text, 6, [], 'prod');
    expect((await config(prod, { env: 'prod' })).consumers.count).toBe(6);
    expect((await config(prod, { env: 'dev' })).consumers.count).toBe(3);
    const dev = await set(text, 1, [], 'dev');
    expect(dev).toContain('  dev: { consumers: { count: 1 } }\n');
    expect((await config(dev, { env: 'prod' })).consumers.count).toBe(3);
  });

  it('changes the default where there is one environment only', async () => {
    const text = `${plain}environments:\n  dev: { tags: { tier: tin } }\n`;
    expect(await set(text, 4)).toBe(text.replace('count: 3 ', 'count: 4 '));
  });

  it('adds the section where there is none', async () => {
    const bare = 'project: airline\nregion: us-east-1\n# the end';
    const text = await set(bare, 4);
    expect((await config(text)).consumers.count).toBe(4);
    expect(text).toContain('# the end');
  });

  it('fills a section that has comments only', async () => {
    const text = await set('project: airline\nregion: us-east-1\nconsumers:\n  # count: 3\n', 4, [1]);
    expect(text).toContain('  # count: 3\n');
    expect((await config(text)).consumers).toMatchObject({ count: 4, without: [1] });
  });

  it('keeps the line ends of the file', async () => {
    const text = await set('project: airline\r\nregion: us-east-1\r\n', 4);
    expect(text).toBe('project: airline\r\nregion: us-east-1\r\nconsumers:\r\n  count: 4\r\n');
  });

  it('says what to write by hand where the layout is beyond it', async () => {
    const odd = 'project: airline\nregion: us-east-1\ntags: &x { a: b }\nconsumers: *x\n';
    const failure = await set(odd, 4).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(RsdsError);
    expect((failure as RsdsError).hint).toContain('consumers.count: 4');
  });

  it('reads back as written, in every layout, and changes nothing for other environments', async () => {
    const layouts = [
      plain,
      'project: airline\nregion: us-east-1\n',
      'project: airline\nregion: us-east-1\nconsumers: {}\n',
      'project: airline\nregion: us-east-1\nconsumers: { baseCapacity: 8 }\n',
      'project: airline\nregion: us-east-1\nconsumers:\n  without:\n    - 1\n    - 4\n  count: 2\n',
      '{ project: airline, region: us-east-1 }\n',
      `${plain}environments: { dev: {}, prod: { consumers: { count: 9 } } }\n`,
      `${plain}environments:\n  dev:\n    consumers:\n      count: 1\n  prod:\n    tags: { a: b }`,
    ];
    const numbers = fc.uniqueArray(fc.integer({ min: 1, max: 30 }), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...layouts),
        fc.integer({ min: 0, max: 20 }),
        numbers,
        async (text, count, without) => {
          const written = await set(text, count, without);
          expect((await config(written)).consumers).toMatchObject({ count, without });
          if (!text.includes('prod')) return;
          expect(await config(written, { env: 'prod' })).toEqual(await config(text, { env: 'prod' }));
        },
      ),
    );
  });
});

describe('replacing a file', () => {
  it('leaves the new text, the old permissions and nothing else', async () => {
    const at = await folderOfTest();
    const file = join(at, 'rsds.yaml');
    await writeFile(file, 'old');
    await chmod(file, 0o640);
    await writeFileAtomically(file, 'new');
    expect(await readFile(file, 'utf8')).toBe('new');
    expect((await stat(file)).mode & 0o777).toBe(0o640);
    expect(await readdir(at)).toEqual(['rsds.yaml']);
  });

  it('goes through a symbolic link to the file itself', async () => {
    const at = await folderOfTest();
    await writeFile(join(at, 'real.yaml'), 'old');
    await symlink(join(at, 'real.yaml'), join(at, 'rsds.yaml'));
    await writeFileAtomically(join(at, 'rsds.yaml'), 'new');
    expect(await readFile(join(at, 'real.yaml'), 'utf8')).toBe('new');
  });

  it('says so where it cannot be written', async () => {
    await expect(writeFileAtomically(join(await folderOfTest(), 'none', 'rsds.yaml'), 'x')).rejects.toThrow(
      /cannot write/,
    );
  });
});

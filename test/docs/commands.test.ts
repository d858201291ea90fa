/** What the documentation tells people to type is what rsds takes. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { commands, groups } from '../../src/commands/list.ts';
import { select } from '../../src/commands/register.ts';
import { readConfig } from '../../src/config/load.ts';
import { errorCodes } from '../../src/shared/codes.ts';

const root = join(import.meta.dirname, '..', '..');
const textOf = (page: string) => readFileSync(join(root, page), 'utf8');
const docs = (readdirSync(join(root, 'docs'), { recursive: true }) as string[]).filter((file) => file.endsWith('.md'));
const pages = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...docs.map((file) => join('docs', file))];
const readme = textOf('README.md');

const choose = (line: string) =>
  select({ about: '', version: '', commands, groups }, line.split(/\s+/).slice(1).filter(Boolean));

/** Lines of code blocks and code in a line that begin with `rsds`, without prompt, remark and what follows a pipe. */
function typedIn(page: string): string[] {
  const text = textOf(page);
  const inBlocks = [...text.matchAll(/^```\w*\n([\s\S]*?)^```/gm)].flatMap(([, block = '']) => block.split('\n'));
  const inLines = [...text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
  return [...inBlocks, ...inLines]
    .map((line) => line.replace(/^\$ |^npx /, '').replace(/\s+[#|].*$/, ''))
    .filter((line) => line.startsWith('rsds '));
}

/** `rsds sim start\|stop` stands for two lines; `[--check]` may be typed; N is a number and <x> a word. */
function spelledOut(line: string): string[] {
  const plain = line
    .replace(/[[\]]/g, '')
    .replace(/\bN\b/g, '3')
    .replace(/<[^>]+>/g, 'x')
    .replaceAll('\\|', '|');
  const words = plain.split(' ');
  const choices = words.findIndex((word) => word.includes('|'));
  if (choices < 0) return [plain];
  return (words[choices] ?? '').split('|').map((choice) => words.with(choices, choice).join(' '));
}

/** The first column of the table of commands, e.g. `rsds plan [--check] [--sql]`. */
const listed = [...readme.matchAll(/^\| `(rsds [^`]+)` \|/gm)].flatMap(([, line = '']) => spelledOut(line));

const selected = (line: string) => {
  const selection = choose(line);
  return selection.kind === 'command' ? selection.command : undefined;
};

describe('the commands in the documentation', () => {
  const typed = pages.flatMap((page) =>
    typedIn(page)
      .flatMap(spelledOut)
      .map((line) => ({ page, line })),
  );

  test('there are some', () => expect(typed.length).toBeGreaterThan(50));

  test.each(typed)('$line ($page)', ({ line }) => {
    expect(() => choose(line)).not.toThrow();
  });

  it.each(['rsds monitor', 'rsds sim pause', 'rsds up --fast', 'rsds scale --consumers many'])(
    'would not pass as %s',
    (line) => {
      expect(() => choose(line)).toThrow();
    },
  );
});

describe("README's table of commands", () => {
  it('has every command of `rsds --help`, in its order', () => {
    const shown = commands.filter(({ hidden }) => !hidden).map(({ name }) => name);
    // A row may be about several ways to use one.
    expect([...new Set(listed.map((line) => selected(line)?.name))]).toEqual(shown);
  });

  it('has every global option', () => {
    const help = choose('rsds --help');
    const shown = help.kind === 'text' ? (help.text.match(/^ {2}--[a-z-]+/gm) ?? []) : [];
    expect(shown.length).toBeGreaterThan(5);
    expect(shown.filter((option) => !readme.includes(`\`${option.trim()}\``))).toEqual([]);
  });

  it('has every exit code that an error can have', () => {
    const told = [...readme.matchAll(/^\| ([\d, ]+) \|/gm)].flatMap(([, list = '']) => list.split(', ').map(Number));
    const used = new Set(Object.values(errorCodes).map(({ exit }) => exit));
    expect([...used].filter((exit) => !told.includes(exit))).toEqual([]);
  });
});

describe('the examples of `--help`', () => {
  const examples = commands.flatMap((command) => command.examples.filter((line) => line.startsWith('rsds ')));

  test.each(examples)('%s', (line) => {
    expect(selected(line)).toBeDefined();
  });
});

test.each(pages)('every rsds.yaml in %s is one that rsds takes', async (page) => {
  const blocks = [...textOf(page).matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(([, block = '']) => block);
  for (const block of blocks) {
    const text = /^project:/m.test(block) ? block : `project: airline\nregion: us-east-1\n${block}`;
    const source = { text, file: '/p/rsds.yaml', readSql: async () => 'CREATE TABLE t (id INT);' };
    const { config } = await readConfig(source, { cwd: '/p', environment: {}, sim: false });
    expect(config.project).toBe('airline');
  }
});

test.each(pages)('%s links only to what is there', (page) => {
  const links = [...textOf(page).matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, link = '']) => link);
  const folder = join(root, page, '..');
  expect(links.filter((link) => !existsSync(join(folder, link)))).toEqual([]);
});

/** Figures as bars, tables, pages and pictures. */
import { EventEmitter } from 'node:events';
import xterm from '@xterm/headless';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { bar, table } from '../../src/report/bars.ts';
import { createBoard } from '../../src/report/board.ts';
import { paintFor } from '../../src/report/colour.ts';
import { shareLines } from '../../src/report/connections.ts';
import { evidenceText, type LoadMoment, type LoadRow, momentLine, momentLines } from '../../src/report/load.ts';
import { createNotices } from '../../src/report/notices.ts';
import { timelineSvg } from '../../src/report/timeline.ts';
import { seed } from '../support/seed.ts';
import { textOf } from '../support/terminal.ts';

describe('bars', () => {
  it.each([
    [0, 10, ''],
    [10, 10, '████████'],
    [5, 10, '████'],
    [1, 1_000, '▏'],
    [0, 0, ''],
  ])('of %d in %d', (value, most, drawn) => {
    expect(bar(value, most, 8)).toBe(drawn);
  });

  it('are never wider than they may be, and longer for more', () => {
    const counts = fc.array(fc.integer({ min: 0, max: 100_000 }), { minLength: 1, maxLength: 24 });
    fc.assert(
      fc.property(counts, fc.integer({ min: 30, max: 200 }), (all, columns) => {
        const lines = shareLines(
          all.map((count, index) => ({ short: `consumer-${index + 1}`, count })),
          columns,
        );
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns);
        const longest = Math.max(...lines.map((line) => line.split('  ').at(-1)?.length ?? 0));
        expect(lines[all.indexOf(Math.max(...all))]?.split('  ').at(-1)?.length).toBe(longest);
      }),
      { seed },
    );
  });

  it('stand in columns', () => {
    expect(
      table([
        ['layer', 'passed'],
        ['dns', '12 of 12'],
        ['identity', '6 of 6'],
      ]),
    ).toEqual(['layer       passed', 'dns       12 of 12', 'identity    6 of 6']);
  });
});

const row = (short: string, more: Partial<LoadRow> = {}): LoadRow => ({
  ...{ short, queries: 1_204, p50Ms: 12, p95Ms: 40, p99Ms: 81, mostMs: 120, errors: 0 },
  ...more,
});

test('the evidence of a load is a page like this', async () => {
  const text = evidenceText({
    ...{ environment: 'airline-dev', region: 'us-east-1', from: 'this machine', begunAt: '2026-01-05T12:00:00.000Z' },
    ...{
      seconds: 60,
      asked: { connections: 50, seconds: 60, sql: 'SELECT 1 FROM "airline"."public"."flights" LIMIT 1' },
    },
    opened: 183,
    rows: [
      row('consumer-1'),
      row('consumer-2', { queries: 0, p50Ms: null, p95Ms: null, p99Ms: null, mostMs: null, errors: 3 }),
    ],
    errors: [
      {
        where: 'consumer-2',
        layer: 'query',
        code: '57P01',
        message: 'terminating | connection\nnow',
        firstAt: 12.3,
        count: 3,
      },
    ],
    picture: 'load.svg',
  });
  await expect(text).toMatchFileSnapshot('../golden/load.md');
});

const picture = {
  title: 'Open connections <of> each consumer',
  series: [
    { name: 'consumer-1', values: [3, 5, 5, 5, 4, 0] },
    { name: 'consumer-2', values: [2, 5, 5, 6, 6, 10] },
  ],
  errors: [0, 0, 0, 2, 1, 0],
};

describe('the picture', () => {
  it('looks like this', async () => {
    await expect(timelineSvg(picture)).toMatchFileSnapshot('../golden/load.svg');
  });

  it('is well-formed whatever is in it: every element is closed, nothing is NaN', () => {
    const values = fc.array(fc.nat({ max: 5_000 }), { maxLength: 400 });
    const series = fc.array(fc.record({ name: fc.string(), values }), { maxLength: 30 });
    fc.assert(
      fc.property(fc.string(), series, fc.array(fc.nat({ max: 9 }), { maxLength: 400 }), (title, all, errors) => {
        const svg = timelineSvg({ title, series: all, errors });
        expect(svg).not.toMatch(/NaN|undefined|Infinity/);
        expect(openElements(svg)).toEqual([]);
        expect(svg.match(/<polyline /g) ?? []).toHaveLength(all.length);
      }),
      { seed, numRuns: 60 },
    );
  });
});

/** Elements that are opened and never closed. */
function openElements(svg: string): string[] {
  const open: string[] = [];
  for (const [, closing, name = '', empty] of svg.matchAll(/<(\/?)([a-z]+)(?:\s[^<>]*?)?(\/?)>/g)) {
    if (closing) expect(open.pop()).toBe(name);
    else if (!empty) open.push(name);
  }
  return open;
}

const moment: LoadMoment = {
  ...{ environment: 'airline-dev', from: 'this machine', second: 20, seconds: 60, perSecond: 96, errors: 0 },
  consumers: [
    { short: 'consumer-1', open: 26, queries: 1_204 },
    { short: 'consumer-2', open: 13, queries: 998 },
  ],
};

test('a moment of a load is one line, or one block', () => {
  expect(momentLine(moment)).toBe('20 s: 96 queries a second, open: consumer-1 26, consumer-2 13, errors so far: 0');
  expect(momentLines({ ...moment, errors: 3 })).toEqual([
    'load on airline-dev from this machine: 20 of 60 s',
    '  96 queries in the last second, 3 errors so far',
    '  consumer-1  26 open  1,204 queries  ████████████████████████',
    '  consumer-2  13 open    998 queries  ████████████',
  ]);
});

describe('the board', () => {
  const flags = { json: false, quiet: false, color: false };

  function terminal(isTTY: boolean) {
    const screen = new xterm.Terminal({ cols: 60, rows: 12, allowProposedApi: true, convertEol: true });
    let raw = '';
    const write = (text: string) => {
      raw += text;
      return true;
    };
    const stream = Object.assign(new EventEmitter(), {
      isTTY,
      columns: 60,
      rows: 12,
      write,
    }) as unknown as NodeJS.WriteStream;
    const shown = async () => {
      await new Promise<void>((done) => screen.write(raw, done));
      raw = '';
      return textOf(screen);
    };
    const notices = createNotices(stream, { paint: paintFor(0), quiet: false, verbose: false, debug: false });
    return { stream, notices, shown };
  }

  test('repaints one block on a terminal, with remarks above it', async () => {
    const { stream, notices, shown } = terminal(true);
    const board = await createBoard({ flags, stderr: stream, environment: { TERM: 'xterm' }, notices });
    board.show(['1 of 9 s', `long ${'x'.repeat(80)}`]);
    board.line('not on a terminal');
    notices.line('a remark');
    board.show(['2 of 9 s', 'all well']);
    board.close();
    notices.line('afterwards');
    expect(await shown()).toBe('a remark\n2 of 9 s\nall well\nafterwards');
  });

  test('tells lines without a terminal, and nothing when JSON or quiet was asked for', async () => {
    const { stream, notices, shown } = terminal(false);
    for (const more of [{}, { json: true }, { quiet: true }]) {
      const board = await createBoard({ flags: { ...flags, ...more }, stderr: stream, environment: {}, notices });
      board.show(['never seen']);
      board.line(`told ${JSON.stringify(more)}`);
      board.close();
    }
    expect(await shown()).toBe('told {}');
  });
});

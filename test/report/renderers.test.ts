import { describe, expect, it } from 'vitest';
import { colourLevel, paintFor } from '../../src/report/colour.ts';
import { createJsonReporter } from '../../src/report/json-reporter.ts';
import { createLinesReporter } from '../../src/report/lines-reporter.ts';
import { createNotices } from '../../src/report/notices.ts';
import { createOutput } from '../../src/report/output.ts';
import { chooseRenderer, quietReporter, tellingRetries } from '../../src/report/reporter.ts';
import { emptyView, fold } from '../../src/report/run-view.ts';
import { treeLines } from '../../src/report/tree-lines.ts';
import { startedAt, upEvents } from '../golden/up-events.ts';
import { createMemoryReporter } from '../support/memory-reporter.ts';

const paint = paintFor(0);

function sink() {
  let text = '';
  return {
    write: (part: string) => {
      text += part;
    },
    // Lines show local time.
    text: () => text.replace(/^\d\d:\d\d:\d\d /gm, 'HH:MM:SS '),
  };
}

describe('one run in each renderer', () => {
  it('plain lines', async () => {
    const out = sink();
    const reporter = createLinesReporter({ sink: out, paint, speed: 1 });
    for (const event of upEvents) reporter.emit(event);
    await reporter.close();
    await expect(out.text()).toMatchFileSnapshot('../golden/up.lines.txt');
  });

  it('JSON events', async () => {
    const out = sink();
    const reporter = createJsonReporter(createOutput(out, { json: true, paint }));
    for (const event of upEvents) reporter.emit(event);
    await expect(out.text()).toMatchFileSnapshot('../golden/up.ndjson');
    const documents = out
      .text()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { version: number });
    expect(documents).toHaveLength(upEvents.length);
    expect(documents.every(({ version }) => version === 1)).toBe(true);
  });

  it('the tree, moment by moment', async () => {
    const moments = [2, 6, 75, 205, 321, 323].map((second) => {
      const now = startedAt + second * 1000;
      const view = upEvents.filter((event) => event.at <= now).reduce(fold, emptyView);
      const lines = treeLines(view, { columns: 80, rows: 24, paint, unicode: true, now, turn: second });
      return `--- after ${second} s\n${lines.join('\n')}\n`;
    });
    await expect(moments.join('\n')).toMatchFileSnapshot('../golden/up.tree.txt');
  });

  it('memory keeps them all, quiet says nothing', () => {
    const memory = createMemoryReporter();
    for (const event of upEvents) {
      memory.emit(event);
      quietReporter.emit(event);
    }
    expect(memory.events).toEqual(upEvents);
  });
});

describe('plain lines', () => {
  it('while nothing changes there is one line every 30 s of real time', () => {
    const [template] = upEvents.filter((event) => event.event === 'resource-waiting' && !event.transition);
    for (const [speed, expected] of [
      [1, 4],
      [60, 1],
    ] as const) {
      const out = sink();
      const reporter = createLinesReporter({ sink: out, paint, speed });
      for (let second = 0; second < 120; second += 5) reporter.emit({ ...template!, at: startedAt + second * 1000 });
      expect(out.text().trim().split('\n'), `speed ${speed}`).toHaveLength(expected);
    }
  });
});

describe('plain lines of a call that AWS refuses for minutes', () => {
  const resource = { id: 'vpc/group', step: 'vpc', kind: 'security-group', title: 'security group a' } as const;
  const at = startedAt;
  const started = { at, event: 'change-started', resource, action: 'delete', title: 'delete group a' } as const;
  const refused = {
    at,
    event: 'retry',
    resource,
    attempt: 1,
    inMs: 4_000,
    kind: 'conflict',
    message: 'in use',
  } as const;

  it('tell it once, not at each attempt', () => {
    const out = sink();
    const reporter = createLinesReporter({ sink: out, paint, speed: 1 });
    for (let attempt = 0; attempt < 5; attempt += 1) {
      reporter.emit({ ...started, at: at + attempt * 4_000 });
      reporter.emit({ ...refused, at: at + attempt * 4_000, attempt: attempt + 1 });
    }
    expect(out.text()).toBe(
      'HH:MM:SS vpc/group delete group a\nHH:MM:SS vpc/group conflict, attempt 1 in 4s: in use\n',
    );
  });

  it('tell every attempt with --verbose', () => {
    const out = sink();
    const reporter = createLinesReporter({ sink: out, paint, speed: 1, verbose: true });
    for (const attempt of [1, 2, 3]) for (const event of [started, { ...refused, attempt }]) reporter.emit(event);
    expect(out.text().match(/conflict, attempt \d in 4s: in use/g)).toHaveLength(3);
  });

  it('stand above the tree with --verbose', () => {
    const out = sink();
    const notices = createNotices(out, { paint, quiet: false, verbose: true, debug: false });
    const memory = createMemoryReporter();
    const reporter = tellingRetries(memory, notices);
    reporter.emit(started);
    reporter.emit(refused);
    expect(out.text()).toBe('vpc/group conflict, attempt 1 in 4s: in use\n');
    expect(memory.events).toEqual([started, refused]);
  });

  it('tell another refusal of the same resource', () => {
    const out = sink();
    const reporter = createLinesReporter({ sink: out, paint, speed: 1 });
    for (const event of [started, refused, started, { ...refused, kind: 'throttled' }]) reporter.emit(event);
    expect(out.text().trim().split('\n')).toHaveLength(3);
  });
});

it('a final snapshot is taken, not gone', () => {
  const out = sink();
  const reporter = createLinesReporter({ sink: out, paint, speed: 1 });
  const resource = { id: 'producer/final-snapshot', step: 'producer', kind: 'final-snapshot', title: 's' } as const;
  reporter.emit({
    at: startedAt,
    event: 'resource-settled',
    resource,
    goal: 'absent',
    status: undefined,
    ms: 90_000,
    changed: true,
  });
  expect(out.text()).toBe('HH:MM:SS ✔ producer/final-snapshot taken (1m 30s)\n');
});

describe('which renderer', () => {
  const terminal = { isTTY: true, write: () => true };
  const pipe = { isTTY: false, write: () => true };
  const plain = { json: false, quiet: false, color: true };
  it.each([
    ['a terminal', plain, terminal, {}, 'tree'],
    ['a pipe', plain, pipe, {}, 'lines'],
    ['CI', plain, terminal, { CI: 'true' }, 'lines'],
    ['CI=false', plain, terminal, { CI: 'false' }, 'tree'],
    ['a dumb terminal', plain, terminal, { TERM: 'dumb' }, 'lines'],
    ['RSDS_NO_ANIMATION', plain, terminal, { RSDS_NO_ANIMATION: '1' }, 'lines'],
    ['--quiet', { ...plain, quiet: true }, terminal, {}, 'quiet'],
    ['--json', { ...plain, json: true, quiet: true }, terminal, {}, 'json'],
  ] as const)('%s', (_name, flags, stream, environment, expected) => {
    expect(chooseRenderer(flags, stream, environment)).toBe(expected);
  });
});

describe('colour', () => {
  const terminal = { isTTY: true };
  const pipe = { isTTY: false };
  it.each([
    ['terminal', terminal, true, { TERM: 'xterm' }, 1],
    ['terminal of 256 colours', terminal, true, { TERM: 'xterm-256color' }, 2],
    ['terminal of true colour', terminal, true, { TERM: 'xterm', COLORTERM: 'truecolor' }, 3],
    ['terminal, NO_COLOR=1', terminal, true, { NO_COLOR: '1' }, 0],
    ['terminal, NO_COLOR empty', terminal, true, { NO_COLOR: '' }, 1],
    ['terminal, FORCE_COLOR=0', terminal, true, { FORCE_COLOR: '0' }, 0],
    ['terminal, CI', terminal, true, { CI: 'true' }, 0],
    ['terminal, TERM=dumb', terminal, true, { TERM: 'dumb' }, 0],
    ['terminal, --no-color', terminal, false, { FORCE_COLOR: '3' }, 0],
    ['pipe', pipe, true, {}, 0],
    ['pipe, GitHub Actions', pipe, true, { CI: 'true', GITHUB_ACTIONS: 'true' }, 0],
    ['pipe, FORCE_COLOR=1', pipe, true, { FORCE_COLOR: '1' }, 1],
    ['pipe, CLICOLOR_FORCE=1', pipe, true, { CLICOLOR_FORCE: '1' }, 1],
    ['pipe, FORCE_COLOR=3 NO_COLOR=1', pipe, true, { FORCE_COLOR: '3', NO_COLOR: '1' }, 0],
  ] as const)('%s', (_name, stream, wanted, environment, expected) => {
    expect(colourLevel(stream, wanted, environment)).toBe(expected);
  });
});

import { EventEmitter } from 'node:events';
import xterm from '@xterm/headless';
import { describe, expect, it } from 'vitest';
import type { ResourceLabel, RunEvent } from '../../src/engine/events.ts';
import { paintFor } from '../../src/report/colour.ts';
import { createNotices } from '../../src/report/notices.ts';
import { emptyView, fold } from '../../src/report/run-view.ts';
import { cutPlain, treeLines } from '../../src/report/tree-lines.ts';
import { createTreeReporter } from '../../src/report/tree-reporter.ts';
import { RealClock } from '../../src/shared/clock.ts';
import { startedAt, upEvents } from '../golden/up-events.ts';
import { textOf } from '../support/terminal.ts';

const paint = paintFor(0);

/** A terminal as the reporter's stream. */
function fakeTerminal() {
  const terminal = new xterm.Terminal({
    cols: 80,
    rows: 24,
    scrollback: 200,
    allowProposedApi: true,
    convertEol: true,
  });
  let raw = '';
  const stream = Object.assign(new EventEmitter(), {
    isTTY: true,
    columns: 80,
    rows: 24,
    write: (text: string) => {
      raw += text;
      return true;
    },
  });
  const screen = async () => {
    await new Promise<void>((done) => terminal.write(raw, done));
    raw = '';
    return textOf(terminal);
  };
  return { stream: stream as unknown as NodeJS.WriteStream, screen, raw: () => raw, emitter: stream };
}

describe('the live tree', () => {
  async function shown(events = upEvents) {
    const clock = new RealClock();
    const { stream, screen, raw, emitter } = fakeTerminal();
    const notices = createNotices(stream, { paint, quiet: false, verbose: false, debug: false });
    const reporter = createTreeReporter({ stream, paint, clock, notices, unicode: true });
    for (const event of events) {
      reporter.emit(event);
      if (event.event === 'retry') await clock.sleep(250);
    }
    notices.line('a remark in between');
    await reporter.close();
    const written = raw();
    return { screen: await screen(), written, listeners: emitter.listenerCount('resize') };
  }

  it('ends with every step, what failed and how long it took', async () => {
    const { screen } = await shown();
    expect(screen).toMatch(/✔ vpc +1\/1 +3s/);
    expect(screen).toMatch(/✖ consumers +2\/3/);
    expect(screen).toContain('✖ consumer-2/workgroup    workgroups: quota 25, in use 25');
    expect(screen).toContain('failed in 5m 23s');
    expect(screen.match(/✔ vpc/g)).toHaveLength(1);
  });

  it('warnings and remarks stay above it', async () => {
    const { screen } = await shown();
    expect(screen).toContain('! consumer-1/workgroup: its price-performance target was switched off');
    expect(screen.indexOf('its price-performance')).toBeLessThan(screen.indexOf('✔ vpc'));
    expect(screen).toContain('a remark in between');
  });

  it('moves while it waits, and gives cursor and listeners back', async () => {
    const { written, listeners } = await shown();
    expect(new Set(written.match(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/g)).size).toBeGreaterThan(1);
    expect(written.lastIndexOf('\u001b[?25h')).toBeGreaterThan(written.lastIndexOf('\u001b[?25l'));
    expect(listeners).toBe(0);
  });

  it('a run that is cut off can still be closed', async () => {
    const { screen } = await shown(upEvents.slice(0, 8));
    expect(screen).toMatch(/✔ vpc/);
  });
});

describe('thirty consumers on a terminal of 24 lines', () => {
  const workgroup = (n: number): ResourceLabel => ({
    id: `consumer-${n}/workgroup`,
    step: 'consumers',
    kind: 'workgroup',
    title: `workgroup ${n}`,
  });
  const all = Array.from({ length: 30 }, (_, index) => workgroup(index + 1));
  const at = { at: startedAt };
  const events: readonly RunEvent[] = [
    {
      ...at,
      event: 'run-started',
      command: 'up',
      resources: all.map((resource) => ({ ...resource, goal: 'present' as const, changes: 1 })),
    },
    ...all.slice(20).map((resource) => ({ ...at, event: 'resource-started', resource, goal: 'present' }) as const),
    { ...at, event: 'resource-failed', resource: workgroup(30), code: 'x', message: 'no capacity', hint: undefined },
  ];
  const lines = treeLines(events.reduce(fold, emptyView), {
    columns: 80,
    rows: 24,
    paint,
    unicode: true,
    now: startedAt,
    turn: 0,
  });

  it('the failed and the running ones are shown, the others counted', () => {
    expect(lines.length).toBeLessThanOrEqual(23);
    expect(lines.join('\n')).toContain('consumer-30/workgroup');
    for (let n = 21; n < 30; n++) expect(lines.join('\n')).toContain(`consumer-${n}/workgroup`);
    expect(lines.join('\n')).toContain('… 20 more: 20 waiting');
  });

  it('no line is wider than the terminal', () => {
    expect(lines.every((line) => line.length < 80)).toBe(true);
  });
});

it.each([
  ['short', 10, 'short'],
  ['exactly ten', 11, 'exactly ten'],
  ['a long sentence', 8, 'a long …'],
  ['日本語テキスト', 7, '日本語…'],
])('%s cut to %i columns is %s', (text, width, expected) => {
  expect(cutPlain(text, width)).toBe(expected);
});

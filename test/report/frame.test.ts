import { EventEmitter } from 'node:events';
import xterm from '@xterm/headless';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Frame } from '../../src/report/frame.ts';

const columns = 40;
const rows = 10;

/** A terminal that shows what a Frame writes. */
function screen() {
  const terminal = new xterm.Terminal({
    cols: columns,
    rows,
    scrollback: 1000,
    allowProposedApi: true,
    convertEol: true,
  });
  let pending = '';
  const stream = Object.assign(new EventEmitter(), {
    columns,
    rows,
    write: (text: string) => {
      pending += text;
    },
  });
  return {
    stream,
    terminal,
    written: () => pending,
    /** All lines from the top of the scrollback to the cursor. */
    lines: async () => {
      await new Promise<void>((resolve) => terminal.write(pending, resolve));
      pending = '';
      const { baseY, cursorY } = terminal.buffer.active;
      return Array.from({ length: baseY + cursorY }, (_, row) =>
        terminal.buffer.active.getLine(row)?.translateToString(true),
      );
    },
  };
}

const line = fc
  .string({ unit: fc.constantFrom(...'abcdefg xyz'), maxLength: columns - 1 })
  .map((text) => text.trimEnd());
const step = fc.record({
  print: fc.option(line, { nil: undefined, freq: 4 }),
  frame: fc.array(line, { maxLength: rows + 4 }),
});

describe('the frame', () => {
  it('always shows exactly its last lines, below everything printed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const { stream, lines } = screen();
        const frame = new Frame(stream);
        const printed: string[] = [];
        for (const { print, frame: next } of steps) {
          if (print !== undefined) {
            frame.print(print);
            printed.push(print);
          }
          frame.update(next);
        }
        frame.end();
        expect(await lines()).toEqual([...printed, ...(steps.at(-1)?.frame.slice(0, rows - 1) ?? [])]);
      }),
      { numRuns: 1000 },
    );
  }, 60_000);

  it('writes only the lines that differ, and nothing when none does', async () => {
    const { stream, lines, written } = screen();
    const frame = new Frame(stream);
    frame.update(['one', 'two', 'three']);
    await lines();
    frame.update(['one', 'TWO', 'three']);
    expect(written()).toContain('TWO');
    expect(written()).not.toMatch(/one|three/);
    await lines();
    frame.update(['one', 'TWO', 'three']);
    expect(written()).toBe('');
  });

  it('is drawn anew when the terminal has become narrower', async () => {
    const { stream, terminal, lines } = screen();
    const frame = new Frame(stream);
    frame.update(['a'.repeat(35), 'b'.repeat(35)]);
    await lines();
    terminal.resize(20, rows);
    stream.columns = 20;
    frame.update(['a'.repeat(15), 'b'.repeat(15)]);
    expect((await lines()).slice(-2)).toEqual(['a'.repeat(15), 'b'.repeat(15)]);
  });

  it('hides the cursor once and gives it back', () => {
    const { stream, written } = screen();
    const frame = new Frame(stream);
    frame.update(['one']);
    frame.update(['two']);
    frame.end();
    expect(written().split('\u001b[?25l')).toHaveLength(2);
    expect(written().endsWith('\u001b[?25h')).toBe(true);
  });
});

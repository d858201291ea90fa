import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { listenForInterrupts } from '../../src/commands/interrupts.ts';
import { RsdsError } from '../../src/shared/errors.ts';

function listening(resume: string | undefined, endsEarly = false) {
  const source = new EventEmitter();
  const said: string[] = [];
  const left: number[] = [];
  const interrupts = listenForInterrupts(source, {
    ...{ resume, endsEarly },
    say: (text) => said.push(text),
    leave: (exitCode) => left.push(exitCode),
  });
  return { source, said, left, interrupts };
}

it('the first Ctrl-C asks, the second leaves at once with 130; both name the command that goes on', () => {
  const { source, said, left, interrupts } = listening('rsds up --sim');
  source.emit('SIGINT');
  expect(said).toHaveLength(1);
  expect(left).toEqual([]);
  expect(interrupts.signal.reason).toBeInstanceOf(RsdsError);
  expect(interrupts.signal.reason).toMatchObject({
    code: 'run/interrupted',
    hint: expect.stringContaining('rsds up --sim'),
  });
  source.emit('SIGINT');
  expect(said).toHaveLength(2);
  expect(said[1]).toContain('rsds up --sim');
  expect(left).toEqual([130]);
});

it('SIGTERM asks with 143; a second one leaves', () => {
  const { source, left, interrupts } = listening('rsds up --sim');
  source.emit('SIGTERM');
  expect(interrupts.signal.reason).toMatchObject({ code: 'run/terminated', exitCode: 143 });
  source.emit('SIGTERM');
  expect(left).toEqual([143]);
});

it('a closed terminal asks with 129', () => {
  const { source, interrupts } = listening('rsds up --sim');
  source.emit('SIGHUP');
  expect(interrupts.signal.reason).toMatchObject({ code: 'run/hung-up', exitCode: 129 });
});

it('a command that only reads is left at the first', () => {
  const { source, said, left } = listening(undefined);
  source.emit('SIGINT');
  expect({ said, left }).toEqual({ said: [], left: [130] });
});

it('a command that has something to tell is asked to end, and left at the second', () => {
  const { source, said, left, interrupts } = listening(undefined, true);
  source.emit('SIGINT');
  expect({ said, left }).toEqual({ said: ['ending early; once more to leave at once'], left: [] });
  expect(interrupts.signal.reason).toMatchObject({ code: 'run/interrupted', hint: undefined });
  source.emit('SIGINT');
  expect(left).toEqual([130]);
});

it('after its end nobody listens any more, unless it was told to stop', () => {
  const { source, interrupts } = listening('rsds up --sim');
  interrupts.dispose();
  expect(source.eventNames().length).toBe(0);
});

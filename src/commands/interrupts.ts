/**
 * Ctrl-C, SIGTERM, and SIGHUP when the terminal is closed. The first one asks the command to stop after the call that is under way; the second leaves at
 * once, and the next run copes. A command that only reads has nothing to finish and is left at the first.
 */
import { RsdsError } from '../shared/errors.ts';

type Signal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

export interface SignalSource {
  on(signal: Signal, listener: () => void): unknown;
  off(signal: Signal, listener: () => void): unknown;
}

export interface Interrupts {
  readonly signal: AbortSignal;
  /** Stops listening. */
  dispose(): void;
}

export interface InterruptOptions {
  /** The command that goes on after a stop; undefined for one that has nothing under way to finish. */
  readonly resume: string | undefined;
  /** The command ends early when it is asked to, with what it has so far; there is nothing to go on with. */
  readonly endsEarly?: boolean;
  /** Says something on the terminal, at once. */
  say(text: string): void;
  /** Restores the terminal and ends the process. */
  leave(exitCode: number): void;
}

export function listenForInterrupts(source: SignalSource, options: InterruptOptions): Interrupts {
  const controller = new AbortController();
  const { resume, endsEarly = false, say, leave } = options;
  const hint = resume === undefined ? {} : { hint: `${resume}  goes on from there` };
  const receive = (reason: RsdsError) => {
    if (resume === undefined && (!endsEarly || controller.signal.aborted)) {
      leave(reason.exitCode);
    } else if (resume === undefined) {
      say('ending early; once more to leave at once');
      controller.abort(reason);
    } else if (controller.signal.aborted) {
      say(`leaving at once; ${resume}  looks at what became of the call that was under way, and goes on`);
      leave(reason.exitCode);
    } else {
      say('stopping after the call that is under way; once more to leave at once');
      controller.abort(reason);
    }
  };
  const listeners: readonly (readonly [Signal, () => void])[] = [
    ['SIGINT', () => receive(new RsdsError('run/interrupted', 'interrupted', hint))],
    ['SIGTERM', () => receive(new RsdsError('run/terminated', 'terminated', hint))],
    ['SIGHUP', () => receive(new RsdsError('run/hung-up', 'the terminal was closed', hint))],
  ];
  for (const [signal, listener] of listeners) source.on(signal, listener);
  return {
    signal: controller.signal,
    dispose: () => {
      // Who was told to stop is about to end: the next signal must not cut off what it has to say.
      if (controller.signal.aborted) return;
      for (const [signal, listener] of listeners) source.off(signal, listener);
    },
  };
}

/**
 * Ctrl-C and SIGTERM. The first one asks the command to stop after the call that is under way; the second leaves at
 * once, and the next run copes. A command that only reads has nothing to finish and is left at the first.
 */
import { RsdsError } from '../shared/errors.ts';

export interface SignalSource {
  on(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
  off(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
}

export interface Interrupts {
  readonly signal: AbortSignal;
  /** Stops listening. */
  dispose(): void;
}

export interface InterruptOptions {
  /** The command that goes on after a stop; undefined for one that has nothing under way to finish. */
  readonly resume: string | undefined;
  /** Says something on the terminal, at once. */
  say(text: string): void;
  /** Restores the terminal and ends the process. */
  leave(exitCode: number): void;
}

export function listenForInterrupts(source: SignalSource, options: InterruptOptions): Interrupts {
  const controller = new AbortController();
  const { resume, say, leave } = options;
  const hint = resume === undefined ? {} : { hint: `${resume}  goes on from there` };
  const receive = (reason: RsdsError) => {
    if (resume === undefined) {
      leave(reason.exitCode);
    } else if (controller.signal.aborted) {
      say(`leaving at once; ${resume}  looks at what became of the call that was under way, and goes on`);
      leave(reason.exitCode);
    } else {
      say('stopping after the call that is under way; once more to leave at once');
      controller.abort(reason);
    }
  };
  const onInterrupt = () => receive(new RsdsError('run/interrupted', 'interrupted', hint));
  const onTerminate = () => receive(new RsdsError('run/terminated', 'terminated', hint));
  source.on('SIGINT', onInterrupt);
  source.on('SIGTERM', onTerminate);
  return {
    signal: controller.signal,
    dispose: () => {
      source.off('SIGINT', onInterrupt);
      source.off('SIGTERM', onTerminate);
    },
  };
}

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
  /** Whether the command is to finish what is under way. */
  readonly soft: boolean;
  /** Says something on the terminal, at once. */
  say(text: string): void;
  /** Restores the terminal and ends the process. */
  leave(exitCode: number): void;
}

export function listenForInterrupts(source: SignalSource, options: InterruptOptions): Interrupts {
  const controller = new AbortController();
  const receive = (reason: RsdsError) => {
    if (controller.signal.aborted || !options.soft) {
      options.leave(reason.exitCode);
      return;
    }
    options.say('stopping after the call that is under way; once more to leave at once');
    controller.abort(reason);
  };
  const onInterrupt = () => receive(new RsdsError('run/interrupted', 'interrupted'));
  const onTerminate = () => receive(new RsdsError('run/terminated', 'terminated'));
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

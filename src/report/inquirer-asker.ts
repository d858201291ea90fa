/** Questions drawn by inquirer on stderr. Ctrl-C ends with `run/interrupted`: nothing has been changed yet. */
import { confirm, input, number, select } from '@inquirer/prompts';
import { RsdsError } from '../shared/errors.ts';
import type { Asker } from './prompter.ts';

export interface AskerStreams {
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
  readonly signal: AbortSignal;
}

export function createAsker(streams: AskerStreams): Asker {
  const context = { input: streams.input, output: streams.output, signal: streams.signal };
  return {
    confirm: (message) => cancellable(streams.signal, confirm({ message, default: false }, context)),
    text: ({ message, default: preset, validate }) =>
      cancellable(
        streams.signal,
        input(
          {
            message,
            ...(preset === undefined ? {} : { default: preset }),
            validate: async (answer) => (await validate?.(answer)) ?? true,
          },
          context,
        ),
      ),
    integer: async ({ message, default: preset, min, max, validate }) => {
      const wrong = async (answer: number | undefined) =>
        answer === undefined ? 'a number is needed' : ((await validate?.(answer)) ?? true);
      const options = { message, min, max, required: true, validate: wrong };
      const asked = number(preset === undefined ? options : { ...options, default: preset }, context);
      return (await cancellable(streams.signal, asked)) ?? min;
    },
    select: ({ message, choices, default: preset }) =>
      cancellable(
        streams.signal,
        select(
          {
            message,
            ...(preset === undefined ? {} : { default: preset }),
            choices: choices.map(({ value, name, about }) => ({
              value,
              name,
              ...(about ? { description: about } : {}),
            })),
          },
          context,
        ),
      ),
  };
}

// inquirer rejects at Ctrl-C with ExitPromptError, and with AbortPromptError when our own signal fires.
async function cancellable<T>(signal: AbortSignal, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof Error && error.name === 'ExitPromptError') {
      throw new RsdsError('run/interrupted', 'cancelled: nothing was changed', {
        hint: 'run the same command again when you are ready',
      });
    }
    throw error;
  }
}

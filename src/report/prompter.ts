/**
 * Questions, asked before work starts and never under a lock. Without a terminal a question is an error that names the
 * flag which answers it.
 */
import { RsdsError } from '../shared/errors.ts';

export interface Prompter {
  /** Whether there is somebody to ask. */
  readonly interactive: boolean;
  /** Resolves when the answer is yes (or `--yes` was given); else throws `usage/declined`. */
  confirm(question: string, flag?: string): Promise<void>;
  /** Resolves when exactly `word` was typed (or `--yes` was given); else throws `usage/declined`. */
  confirmByTyping(question: string, word: string, flag?: string): Promise<void>;
  text(question: TextQuestion): Promise<string>;
  integer(question: IntegerQuestion): Promise<number>;
  select<T extends string>(question: SelectQuestion<T>): Promise<T>;
}

interface Question {
  readonly message: string;
  /** The flag that gives the answer, e.g. `--project NAME`. */
  readonly flag: string;
}

export interface TextQuestion extends Question {
  readonly default?: string | undefined;
  /** What is wrong with an answer; undefined when it is fine. */
  validate?(answer: string): Promise<string | undefined>;
}

export interface IntegerQuestion extends Question {
  readonly default?: number | undefined;
  readonly min: number;
  readonly max: number;
  validate?(answer: number): Promise<string | undefined>;
}

export interface SelectQuestion<T extends string> extends Question {
  readonly choices: readonly { readonly value: T; readonly name: string; readonly about?: string }[];
  readonly default?: T | undefined;
}

export interface PrompterOptions {
  readonly stdin: NodeJS.ReadStream;
  readonly stderr: NodeJS.WriteStream;
  /** `--yes`: confirmations need no answer. */
  readonly yes: boolean;
  readonly signal: AbortSignal;
}

/** Asks on the terminal; inquirer is loaded with the first question. */
export function createPrompter(options: PrompterOptions): Prompter {
  const { stdin, stderr, yes } = options;
  const interactive = Boolean(stdin.isTTY && stderr.isTTY);
  const ask = async <T>(message: string, flag: string, how: (asker: Asker) => Promise<T>): Promise<T> => {
    if (!interactive) {
      throw new RsdsError('usage/no-terminal', `there is no terminal to ask on: ${message}`, { hint: `pass ${flag}` });
    }
    const { createAsker } = await import('./inquirer-asker.ts');
    return how(createAsker({ input: stdin, output: stderr, signal: options.signal }));
  };
  return {
    interactive,
    confirm: async (question, flag = '--yes') => {
      if (yes) return;
      if (!(await ask(question, flag, (asker) => asker.confirm(question)))) throw declined();
    },
    confirmByTyping: async (question, word, flag = '--yes') => {
      if (yes) return;
      const typed = await ask(question, flag, (asker) => asker.text({ message: question, flag }));
      if (typed.trim() !== word) throw declined(`'${typed.trim()}' is not '${word}'`);
    },
    text: (question) => ask(question.message, question.flag, (asker) => asker.text(question)),
    integer: (question) => ask(question.message, question.flag, (asker) => asker.integer(question)),
    select: (question) => ask(question.message, question.flag, (asker) => asker.select(question)),
  };
}

const declined = (why?: string) =>
  new RsdsError('usage/declined', [why, 'declined: nothing was changed'].filter(Boolean).join('; '));

/** What draws the questions. */
export interface Asker {
  confirm(message: string): Promise<boolean>;
  text(question: TextQuestion): Promise<string>;
  integer(question: IntegerQuestion): Promise<number>;
  select<T extends string>(question: SelectQuestion<T>): Promise<T>;
}

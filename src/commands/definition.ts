/**
 * What a command is: data that parser, help and completion read, and one function. A new verb is one file that exports
 * `command({…})` and one line in commands/list.ts. The file is loaded for `rsds --help`, too, so it must stay light:
 * whatever needs AWS, zod, listr2 or inquirer is imported inside `run`.
 */
import type { CommandContext } from './context.ts';

export type OptionDefinition = FlagOption | TextOption | IntegerOption | DurationOption | ListOption;

interface OptionBase {
  readonly summary: string;
  /** Kept out of the help. */
  readonly hidden?: boolean;
}

/** On or off. With `unless: true` it is on unless `--no-<name>` is given. */
export interface FlagOption extends OptionBase {
  readonly type: 'flag';
  readonly unless?: boolean;
}

export interface TextOption extends OptionBase {
  readonly type: 'text';
  /** What stands for the value in the help, e.g. `file`. */
  readonly value: string;
  readonly choices?: readonly string[];
}

export interface IntegerOption extends OptionBase {
  readonly type: 'integer';
  readonly value: string;
  readonly min?: number;
  readonly max?: number;
}

/** `90s`, `30m`, `1h30m` or `0`; arrives as ms. */
export interface DurationOption extends OptionBase {
  readonly type: 'duration';
  readonly value: string;
}

/** May be given several times, and with commas. */
export interface ListOption extends OptionBase {
  readonly type: 'list';
  readonly value: string;
}

export interface ArgumentDefinition {
  readonly summary: string;
  readonly required?: boolean;
}

/** Keys are camelCase; `finalSnapshot` is `--final-snapshot` on the command line. */
export type OptionDefinitions = Readonly<Record<string, OptionDefinition>>;
/** In the order in which they are typed. */
export type ArgumentDefinitions = Readonly<Record<string, ArgumentDefinition>>;

export type OptionValue = boolean | string | number | readonly string[] | undefined;

type ValueOf<O extends OptionDefinition> = O extends { type: 'flag' }
  ? boolean
  : O extends { type: 'integer' | 'duration' }
    ? number | undefined
    : O extends { type: 'list' }
      ? readonly string[]
      : O extends { choices: readonly (infer C)[] }
        ? C | undefined
        : string | undefined;

export interface CommandInput<
  O extends OptionDefinitions = OptionDefinitions,
  A extends ArgumentDefinitions = ArgumentDefinitions,
> {
  readonly options: { readonly [K in keyof O]: ValueOf<O[K]> };
  readonly arguments: { readonly [K in keyof A]: A[K] extends { required: true } ? string : string | undefined };
}

interface CommandSpec<O extends OptionDefinitions, A extends ArgumentDefinitions> {
  /** What is typed: `up`, or `sim start` for a command in a group. */
  readonly name: string;
  /** One line, imperative, no full stop. */
  readonly summary: string;
  /** Further paragraphs for `rsds help <command>`. */
  readonly details?: string;
  readonly options?: O;
  readonly arguments?: A;
  /** Complete lines to type, shown first in the help. */
  readonly examples?: readonly string[];
  readonly hidden?: boolean;
  /** True when it needs no account: `--sim` then starts nothing. */
  readonly offline?: boolean;
  /** What `--json` prints: one document (default), or a stream of events whose last one is the result. */
  readonly answers?: 'document' | 'events';
  /** At the first Ctrl-C the command is asked to end with what it has; else one that only reads is left at once. */
  readonly endsEarly?: boolean;
  /** What the types of the options can't say, e.g. that one of two is needed: throws `usage/invalid`, before anything is begun. */
  check?(input: CommandInput<O, A>): void;
  /**
   * Does it and answers the exit code (0 when it answers nothing). Failures are thrown as RsdsError, never printed.
   * Results go to `context.out`, progress to `context.reporter()`, remarks to `context.notices`.
   */
  run(input: CommandInput<O, A>, context: CommandContext): Promise<number | undefined>;
}

/** A command whose types of options and arguments are forgotten; what the list and the parser hold. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  readonly details: string | undefined;
  readonly options: OptionDefinitions;
  readonly arguments: ArgumentDefinitions;
  readonly examples: readonly string[];
  readonly hidden: boolean;
  readonly offline: boolean;
  readonly answers: 'document' | 'events';
  readonly endsEarly: boolean;
  check(input: ParsedInput): void;
  run(input: ParsedInput, context: CommandContext): Promise<number | undefined>;
}

/** What the parser hands over: every option and argument of the command, by key. */
export interface ParsedInput {
  readonly options: Readonly<Record<string, OptionValue>>;
  readonly arguments: Readonly<Record<string, string | undefined>>;
}

/** Defines a command; `run` gets its input typed by the options and arguments that stand beside it. */
export function command<
  const O extends OptionDefinitions = Record<never, never>,
  const A extends ArgumentDefinitions = Record<never, never>,
>(spec: CommandSpec<O, A>): Command {
  return {
    name: spec.name,
    summary: spec.summary,
    details: spec.details,
    options: spec.options ?? {},
    arguments: spec.arguments ?? {},
    examples: spec.examples ?? [],
    hidden: spec.hidden ?? false,
    offline: spec.offline ?? false,
    answers: spec.answers ?? 'document',
    endsEarly: spec.endsEarly ?? false,
    // The parser builds its input from these same definitions, key by key.
    check: (input) => spec.check?.(input as unknown as CommandInput<O, A>),
    run: (input, context) => spec.run(input as unknown as CommandInput<O, A>, context),
  };
}

/** `finalSnapshot` → `final-snapshot`. */
export const flagName = (key: string): string => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

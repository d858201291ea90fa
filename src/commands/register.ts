/**
 * From definitions to a parser. The only importer of commander, which is used for parsing and help alone: nothing runs
 * inside it, it prints nothing and ends nothing.
 */
import { Argument, CommanderError, InvalidArgumentError, Option, Command as Parser } from 'commander';
import { RsdsError } from '../shared/errors.ts';
import { type Command, flagName, type OptionDefinition, type OptionValue, type ParsedInput } from './definition.ts';
import { globalOptions } from './global-options.ts';

/** What the command line asks for. */
export type Selection =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'command';
      readonly command: Command;
      readonly input: ParsedInput;
      readonly global: Readonly<Record<string, OptionValue>>;
    };

export interface Program {
  readonly about: string;
  readonly version: string;
  readonly commands: readonly Command[];
  /** One line for each group, e.g. `sim` or `sim fault`. */
  readonly groups: Readonly<Record<string, string>>;
}

/**
 * Reads the command line. Help and version come back as text for stdout.
 * @throws RsdsError `usage/invalid` with a suggestion for what rsds does not know.
 */
export function select(program: Program, argv: readonly string[]): Selection {
  let selected: Selection | undefined;
  let help = '';
  // Children take over the root's settings when they are made, so the root comes with its output.
  const root = new Parser('rsds').exitOverride().configureOutput({
    writeOut: (text) => {
      help += text;
    },
    writeErr: () => {},
    outputError: () => {},
  });
  const parser = describe(root, program, (selection) => {
    selected = selection;
  });
  try {
    if (argv.length === 0) parser.help();
    parser.parse([...argv], { from: 'user' });
  } catch (error) {
    return { kind: 'text', text: textOrThrow(error, parser, argv, () => help) };
  }
  if (!selected) throw new RsdsError('usage/invalid', 'no command given');
  return selected;
}

// commander reports help and version as errors, too; a group without a subcommand gets its help.
function textOrThrow(error: unknown, parser: Parser, argv: readonly string[], help: () => string): string {
  if (!(error instanceof CommanderError)) throw error;
  if (error.exitCode === 0) return help();
  if (error.code === 'commander.help') {
    const words = argv.filter((word) => !word.startsWith('-'));
    const { level, left } = descend(parser, words[0] === 'help' ? words.slice(1) : words);
    if (left[0] !== undefined) throw unknownCommand(left[0]);
    level.outputHelp();
    return help();
  }
  throw usageError(error, helpFor(parser, argv));
}

/** Follows the words of a command line as far as they name commands. */
function descend(parser: Parser, words: readonly string[]): { level: Parser; left: readonly string[] } {
  const child = parser.commands.find((one) => one.name() === words[0]);
  return child ? descend(child, words.slice(1)) : { level: parser, left: words };
}

const unknownCommand = (name: string) =>
  new RsdsError('usage/invalid', `unknown command '${name}'`, { hint: 'rsds --help lists the commands' });

/** `rsds sim start --help` for what was begun with `sim start`. */
function helpFor(parser: Parser, argv: readonly string[]): string {
  const words: string[] = [];
  let level = parser;
  for (const word of argv) {
    const child = level.commands.find((one) => one.name() === word);
    if (!child) continue;
    words.push(word);
    level = child;
  }
  return `${['rsds', ...words].join(' ')} --help shows options and examples`;
}

function usageError(error: CommanderError, help: string): RsdsError {
  const [message = '', ...more] = error.message.replace(/^error: /, '').split('\n');
  const suggestion = /\(Did you mean (.+?)\?\)/.exec(more.join(' '))?.[1];
  const hint = suggestion ? `did you mean ${suggestion}?` : help;
  return new RsdsError('usage/invalid', message.trim().replace(/\.$/, ''), { hint });
}

const rootExamples = `
Begin with:
  rsds up --sim      build the example in the simulator: no account, no money
  rsds init          describe your own environment in rsds.yaml
  rsds plan          see what would be created, how long it takes, what it costs`;

function describe(root: Parser, program: Program, onSelect: (selection: Selection) => void): Parser {
  root
    .description(program.about)
    .version(program.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help; `rsds help <command>` for one command')
    .helpCommand('help [command]', 'print help for a command')
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', rootExamples);
  for (const [key, option] of Object.entries(globalOptions)) root.addOption(parserOption(key, option));
  const groups = new Map<string, Parser>();
  for (const command of program.commands) {
    const words = command.name.split(' ');
    const parent = words
      .slice(0, -1)
      .reduce((above, _, index) => groupParser(above, groups, words.slice(0, index + 1), program), root);
    addCommand(parent, words.at(-1) ?? command.name, command, (input) =>
      onSelect({ kind: 'command', command, input, global: root.opts() }),
    );
  }
  return root;
}

function groupParser(parent: Parser, groups: Map<string, Parser>, words: readonly string[], program: Program): Parser {
  const name = words.join(' ');
  const known = groups.get(name);
  if (known) return known;
  const group = parent.command(words.at(-1) ?? '').description(program.groups[name] ?? '');
  groups.set(name, group);
  return group;
}

function addCommand(parent: Parser, name: string, command: Command, onSelect: (input: ParsedInput) => void): void {
  const parser = parent
    .command(name, { hidden: command.hidden })
    .summary(command.summary)
    .description([command.summary, command.details].filter(Boolean).join('\n\n'));
  for (const [key, option] of Object.entries(command.options)) parser.addOption(parserOption(key, option));
  for (const [key, argument] of Object.entries(command.arguments)) {
    const shown = argument.required ? `<${flagName(key)}>` : `[${flagName(key)}]`;
    parser.addArgument(new Argument(shown, argument.summary));
  }
  if (command.examples.length > 0) parser.addHelpText('after', `\nExamples:\n${indented(command.examples)}`);
  parser.action((...given: unknown[]) =>
    onSelect({ options: optionsOf(parser, command), arguments: argumentsOf(given, command) }),
  );
}

const indented = (lines: readonly string[]) => lines.map((line) => `  ${line}`).join('\n');

function optionsOf(parser: Parser, command: Command): Readonly<Record<string, OptionValue>> {
  const given = parser.opts<Record<string, OptionValue>>();
  return Object.fromEntries(
    Object.entries(command.options).map(([key, option]) => [key, given[key] ?? absent(option)]),
  );
}

const absent = (option: OptionDefinition): OptionValue =>
  option.type === 'flag' ? option.unless === true : option.type === 'list' ? [] : undefined;

function argumentsOf(given: readonly unknown[], command: Command): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(
    Object.keys(command.arguments).map((key, index) => {
      const value = given[index];
      return [key, typeof value === 'string' ? value : undefined];
    }),
  );
}

function parserOption(key: string, option: OptionDefinition): Option {
  const name = flagName(key);
  if (option.type === 'flag') {
    return new Option(option.unless ? `--no-${name}` : `--${name}`, option.summary).hideHelp(option.hidden === true);
  }
  const shown = new Option(`--${name} <${option.value}>`, option.summary).hideHelp(option.hidden === true);
  if (option.type === 'integer') return shown.argParser((text) => integer(text, option.min, option.max));
  if (option.type === 'duration') return shown.argParser(duration);
  if (option.type === 'list') return shown.argParser(appended);
  return option.choices ? shown.choices(option.choices) : shown;
}

function integer(text: string, min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER): number {
  const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
  throw new InvalidArgumentError(
    min === Number.MIN_SAFE_INTEGER ? 'It must be a whole number.' : `It must be a whole number ${range}.`,
  );
}

/** ms of `1h30m`, `30m`, `90s` or `0`; anything else needs its unit. */
function duration(text: string): number {
  if (text === '0') return 0;
  const parts = /^(?=\d)(?:(\d{1,4})h)?(?:(\d{1,5})m)?(?:(\d{1,6})s)?$/.exec(text);
  if (!parts) throw new InvalidArgumentError('It must be a duration such as 90s, 30m or 1h30m, or 0.');
  const [hours, minutes, seconds] = parts.slice(1).map((part) => Number(part ?? 0));
  return ((hours ?? 0) * 3_600 + (minutes ?? 0) * 60 + (seconds ?? 0)) * 1_000;
}

const appended = (text: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  ...text
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean),
];

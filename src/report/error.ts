/** The one way an error is shown: what happened, where, why, what to type next, and its code; or the same as JSON. */
import { errorCodes } from '../shared/codes.ts';
import { ConfigError, type ConfigFault, RsdsError, ServiceError } from '../shared/errors.ts';
import type { Paint } from './colour.ts';

export interface ErrorView {
  readonly code: string;
  readonly message: string;
  readonly why: string | undefined;
  readonly hint: string;
  readonly exitCode: number;
  readonly faults: readonly FaultView[];
  /** Only with `--debug`. */
  readonly stack: string | undefined;
}

export interface FaultView {
  readonly code: string;
  readonly message: string;
  readonly hint: string | undefined;
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly column: number | undefined;
  readonly path: string | undefined;
}

export interface ErrorOptions {
  readonly debug: boolean;
  /** Takes secrets out of a text. */
  redact(text: string): string;
}

const bugHint = 'this is a bug in rsds: please report it with the command and what it prints with --debug';

/** What there is to say about anything that was thrown. What is neither an RsdsError nor the system's is a bug (exit 70). */
export function viewError(error: unknown, options: ErrorOptions): ErrorView {
  const { redact } = options;
  const known = error instanceof RsdsError ? error : undefined;
  const system = isSystemError(error);
  const code = known?.code ?? (system ? 'system/failed' : 'internal/invariant');
  const bug = code === 'internal/invariant';
  const hint = known?.hint ?? (bug ? bugHint : errorCodes[code].remedy);
  const why = known ? whyOf(known) : undefined;
  const stack = options.debug && error instanceof Error ? stackOf(error) : undefined;
  return {
    code,
    message: redact(
      known || system || !(error instanceof Error) ? messageOf(error) : `unexpected ${error.name}: ${error.message}`,
    ),
    why: why === undefined ? undefined : redact(why),
    hint: redact(hint),
    exitCode: errorCodes[code].exit,
    faults: error instanceof ConfigError ? error.faults.map((fault) => viewFault(fault, error.file, redact)) : [],
    stack: stack === undefined ? undefined : redact(stack),
  };
}

// A full disk or a read-only folder is no bug of ours.
const isSystemError = (error: unknown): boolean =>
  error instanceof Error && 'syscall' in error && typeof error.syscall === 'string';

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

function whyOf(error: RsdsError): string | undefined {
  if (error instanceof ServiceError) {
    const request = error.requestId ? `, request ${error.requestId}` : '';
    return `${error.awsCode} from ${error.service} ${error.operation}${request}`;
  }
  if (error.cause instanceof RsdsError) return [error.cause.message, whyOf(error.cause)].filter(Boolean).join('; ');
  return error.cause instanceof Error && error.cause.message !== error.message ? error.cause.message : undefined;
}

function stackOf(error: Error): string {
  const own = error.stack ?? `${error.name}: ${error.message}`;
  return error.cause instanceof Error ? `${own}\ncaused by ${stackOf(error.cause)}` : own;
}

const viewFault = (fault: ConfigFault, file: string | undefined, redact: (text: string) => string): FaultView => ({
  code: fault.code,
  message: redact(fault.message),
  hint: fault.hint,
  file: fault.line === undefined ? undefined : file,
  line: fault.line,
  column: fault.column,
  path: fault.path,
});

/** For stderr; several lines, no line end after the last. With `columns`, lines are broken at words. */
export function renderError(view: ErrorView, paint: Paint, columns = Number.POSITIVE_INFINITY): string {
  const row = (label: string, text: string) =>
    `  ${paint.dim(label.padEnd(5))} ${wrap(text, columns - 8).join('\n        ')}`;
  const single = view.faults.length === 1 ? view.faults[0] : undefined;
  const lines = [
    `${paint.red('✖')} ${wrap(view.message, columns - 2)
      .map((line) => paint.bold(line))
      .join('\n  ')}`,
  ];
  if (single) lines.push(...(placeOf(single) ? [row('At', placeOf(single))] : []));
  else for (const fault of view.faults) lines.push(...faultLines(fault, paint, columns));
  if (view.why) lines.push(row('Why', view.why));
  lines.push(row('Next', single?.hint ?? view.hint), row('Code', single?.code ?? view.code));
  if (view.stack) lines.push('', paint.dim(view.stack));
  return lines.join('\n');
}

/** Breaks a text into lines of at most `width` at its spaces; a longer word stays whole. */
export function wrap(text: string, width: number): string[] {
  return text.split('\n').flatMap((paragraph) => {
    const lines: string[] = [];
    for (const word of paragraph.split(' ')) {
      const last = lines.at(-1);
      if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
      else lines[lines.length - 1] = `${last} ${word}`;
    }
    return lines;
  });
}

function faultLines(fault: FaultView, paint: Paint, columns: number): string[] {
  const place = placeOf(fault);
  const text = `${place ? `${place}  ` : ''}${fault.message}  ${fault.code}`;
  const plain = wrap(text, columns - 6)
    .join('\n      ')
    .replace(/\S+$/, (code) => paint.dim(code));
  const lines = `  ${place && plain.startsWith(place) ? plain.replace(place, () => paint.cyan(place)) : plain}`;
  if (!fault.hint) return [lines];
  return [lines, `      ${paint.dim('Next')} ${wrap(fault.hint, columns - 11).join(`\n${' '.repeat(11)}`)}`];
}

/** `rsds.yaml:3:5`; the key is in the message. */
const placeOf = (fault: FaultView): string =>
  [fault.file, fault.line, fault.column].filter((part) => part !== undefined).join(':');

/** The `error` member of a JSON answer. */
export function errorDocument(view: ErrorView): object {
  const { stack, faults, ...rest } = view;
  return { ...rest, ...(faults.length > 0 ? { faults } : {}), ...(stack ? { stack } : {}) };
}

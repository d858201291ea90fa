/** How a diagnosis is shown: by subject, what is not well with its cause and what to type, a last line with the count. */
import type { Paint } from './colour.ts';
import { wrap } from './error.ts';
import { plural } from './wording.ts';

export interface FindingRow {
  readonly check: string;
  readonly subject: string;
  readonly verdict: 'pass' | 'warn' | 'fail' | 'not checked';
  readonly what: string;
  readonly cause?: string | undefined;
  /** A command or sentence a line. */
  readonly remedy?: string | undefined;
}

export interface DiagnosisView {
  readonly environment: string;
  readonly region: string;
  readonly findings: readonly FindingRow[];
  readonly counts: Readonly<Record<'pass' | 'warn' | 'fail' | 'notChecked', number>>;
  /** Full names, by subject, of those that have one. */
  readonly titles: Readonly<Record<string, string>>;
}

export interface DiagnosisOptions {
  readonly paint: Paint;
  readonly columns: number;
  /** Which checks that passed have a line of their own, all or those of these names; others are counted. */
  readonly passes: boolean | readonly string[];
}

type Verdict = FindingRow['verdict'];

/** A sign and a word, so that colour is never all there is. */
const signs: Readonly<Record<Verdict, string>> = {
  pass: '✓ ok',
  warn: '! warning',
  fail: '✖ fault',
  'not checked': '- unknown',
};
const signWidth = 9;
const indent = ' '.repeat(2 + signWidth + 2);

/** Beyond this lines get hard to read, however wide the terminal is. */
const columnsMax = 100;

export function diagnosisText(view: DiagnosisView, options: DiagnosisOptions): string {
  const { paint } = options;
  const width = Math.min(options.columns, columnsMax);
  const groups = bySubject(view.findings).flatMap(([subject, findings]) => [
    '',
    title(subject, view.titles[subject], paint),
    ...groupLines(findings, { ...options, width }),
  ]);
  return [`${paint.bold(view.environment)} in ${view.region}`, ...groups, '', summary(view, paint)].join('\n');
}

function bySubject(findings: readonly FindingRow[]): [string, FindingRow[]][] {
  const subjects = new Map<string, FindingRow[]>();
  for (const finding of findings) subjects.set(finding.subject, [...(subjects.get(finding.subject) ?? []), finding]);
  return [...subjects];
}

const title = (subject: string, name: string | undefined, paint: Paint) =>
  name === undefined || name === subject ? paint.bold(subject) : `${paint.bold(subject)}  ${paint.dim(name)}`;

function groupLines(findings: readonly FindingRow[], options: DiagnosisOptions & { width: number }): string[] {
  const { passes } = options;
  const hasLine = (check: string) => (typeof passes === 'boolean' ? passes : passes.includes(check));
  const shown = findings.filter(({ verdict, check }) => verdict !== 'pass' || hasLine(check));
  const lines = entriesOf(shown).flatMap((entry) => entryLines(entry, options));
  const rest = findings.length - shown.length;
  if (rest === 0) return lines;
  const more = shown.length === 0 ? '' : 'more ';
  return [...lines, `  ${sign('pass', options.paint)}  ${plural(rest, `${more}check`)}`];
}

interface Entry extends FindingRow {
  readonly checks: readonly string[];
}

/** One call that is denied leaves several checks without an answer: it is said once. */
function entriesOf(findings: readonly FindingRow[]): Entry[] {
  const entries: Entry[] = [];
  for (const finding of findings) {
    const same = entries.findIndex(
      ({ verdict, what }) => verdict === 'not checked' && finding.verdict === verdict && what === finding.what,
    );
    const known = entries[same];
    if (known) entries[same] = { ...known, checks: [...new Set([...known.checks, finding.check])] };
    else entries.push({ ...finding, checks: [finding.check] });
  }
  return entries;
}

function entryLines(
  { verdict, checks, what, cause, remedy }: Entry,
  { paint, width }: DiagnosisOptions & { width: number },
): string[] {
  const room = width - indent.length;
  const text = verdict === 'not checked' ? `not checked: ${what}` : what;
  const [first = '', ...more] = wrap(`${text} [${checks.join(', ')}]`, room);
  return [
    `  ${sign(verdict, paint)}  ${first}`,
    ...[...more, ...(cause === undefined ? [] : wrap(cause, room))].map((line) => `${indent}${line}`),
    ...(remedy?.split('\n') ?? []).flatMap((line) => remedyLines(line, room, paint)),
  ];
}

/** A command that does not fit is continued as a shell takes it, so that it can be copied. */
function remedyLines(remedy: string, room: number, paint: Paint): string[] {
  const isCommand = /^(aws|rsds) /.test(remedy);
  const lines = wrap(remedy, room - 4);
  return lines.map((line, index) => {
    const end = isCommand && index < lines.length - 1 ? ' \\' : '';
    return `${indent}${index === 0 ? `${paint.cyan('→')} ` : '  '}${line}${end}`;
  });
}

const sign = (verdict: Verdict, paint: Paint) => penOf(verdict, paint)(signs[verdict].padEnd(signWidth));

function penOf(verdict: Verdict, paint: Paint): (text: string) => string {
  if (verdict === 'pass') return paint.green;
  if (verdict === 'fail') return paint.red;
  return verdict === 'warn' ? paint.yellow : paint.dim;
}

function summary({ counts }: DiagnosisView, paint: Paint): string {
  const { fail, warn, notChecked, pass } = counts;
  const parts = [
    ...(warn > 0 ? [plural(warn, 'warning')] : []),
    ...(notChecked > 0 ? [`${notChecked} not checked`] : []),
    `${pass} ok`,
  ];
  const faults = fail === 0 ? paint.green('no fault found') : paint.red(`${plural(fail, 'fault')} found`);
  return [faults, ...parts].join(', ');
}

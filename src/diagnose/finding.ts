/** What a check says: its verdict, and for whatever is not well the cause and what to type. */
import type { Unread } from './reading.ts';

/** `warn`: it works, or is on its way, and needs attention; `not checked`: it could not be looked at. */
export type Verdict = 'pass' | 'warn' | 'fail' | 'not checked';

export interface Finding {
  /** The check's name, e.g. `target-health`. */
  readonly check: string;
  /** A warehouse's short name, or `environment`, `network`, `load balancer`. */
  readonly subject: string;
  readonly verdict: Verdict;
  /** What was seen, with values. */
  readonly what: string;
  /** Why it is so. Every fault has one. */
  readonly cause?: string | undefined;
  /** What to type, a command a line. Every fault has one. */
  readonly remedy?: string | undefined;
}

/** How one check speaks of one subject: it can't forget whose finding it is, nor leave a fault without a way out. */
export interface Say {
  pass(what: string): Finding;
  warn(what: string, advice: { readonly cause: string; readonly remedy?: string | undefined }): Finding;
  fail(what: string, advice: { readonly cause: string; readonly remedy: string }): Finding;
  unchecked(unread: Unread): Finding;
}

export function sayFor(check: string, subject: string): Say {
  const finding = (verdict: Verdict, what: string) => ({ check, subject, verdict, what });
  return {
    pass: (what) => finding('pass', what),
    warn: (what, advice) => ({ ...finding('warn', what), ...advice }),
    fail: (what, advice) => ({ ...finding('fail', what), ...advice }),
    unchecked: ({ why, remedy }) => ({ ...finding('not checked', why), remedy }),
  };
}

export type Counts = Readonly<Record<'pass' | 'warn' | 'fail' | 'notChecked', number>>;

export function countVerdicts(findings: readonly Finding[]): Counts {
  const count = (verdict: Verdict) => findings.filter((finding) => finding.verdict === verdict).length;
  return { pass: count('pass'), warn: count('warn'), fail: count('fail'), notChecked: count('not checked') };
}

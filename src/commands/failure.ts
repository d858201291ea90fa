/** Shows an error: on stderr for people, on stdout as JSON with `--json`. */

import type { Host } from '../compose.ts';
import { colourLevel, paintFor } from '../report/colour.ts';
import { errorDocument, renderError, viewError } from '../report/error.ts';
import { jsonVersion } from '../report/output.ts';
import { redactor } from '../report/redact.ts';

export interface Failure {
  /** The raw command line: parsing it may be what failed. */
  readonly argv: readonly string[];
  readonly host: Pick<Host, 'stdout' | 'stderr' | 'environment'>;
  readonly answers: 'document' | 'events';
}

/** Shows `error` and answers the process's exit code. */
export function showError(error: unknown, failure: Failure): number {
  const { argv, host, answers } = failure;
  const view = viewError(error, { debug: argv.includes('--debug'), redact: redactor(host.environment) });
  if (argv.includes('--json')) {
    const outcome = view.code.startsWith('run/') ? 'interrupted' : 'failed';
    const document = { version: jsonVersion, ...(answers === 'events' ? { event: 'result', outcome } : {}) };
    const text = { ...document, error: errorDocument(view) };
    host.stdout.write(`${answers === 'events' ? JSON.stringify(text) : JSON.stringify(text, undefined, 2)}\n`);
    return view.exitCode;
  }
  const level = colourLevel(host.stderr, !argv.includes('--no-color'), host.environment);
  host.stderr.write(`${renderError(view, paintFor(level), host.stderr.isTTY ? host.stderr.columns : undefined)}\n`);
  return view.exitCode;
}

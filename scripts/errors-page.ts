/** docs/errors.md, from the register of error codes. */
import { type CodeEntry, errorCodes } from '../src/shared/codes.ts';

const exits: Readonly<Record<number, string>> = {
  0: 'Done, or nothing to do.',
  1: 'It failed, or a prompt was declined. The error says what, why, and what to type next.',
  2: 'Wrong usage or configuration; nothing was touched.',
  3: '`plan --check`: there are changes.',
  4: 'The lock is held by somebody else, or was lost.',
  5: '`diagnose` or `status --check`: a fault was found.',
  70: 'A bug in rsds; please report it.',
  129: 'The terminal was closed (SIGHUP). What was under way is recorded; the same command goes on from there.',
  130: 'Interrupted by Ctrl-C. What was under way is recorded; the same command goes on from there.',
  143: 'Terminated by SIGTERM. What was under way is recorded; the same command goes on from there.',
};

export function errorsPage(codes: Readonly<Record<string, CodeEntry>> = errorCodes): string {
  const exitRows = Object.entries(exits).map(([exit, about]) => `| ${exit} | ${about} |`);
  const sections = [...byArea(codes)].flatMap(([area, entries]) => [`## ${area}`, '', ...entries.map(row), '']);
  return `${[
    '# Errors and exit codes',
    '',
    'Generated from `src/shared/codes.ts` by `npm run docs`.',
    '',
    'Every error has a stable code, shown in its last line and as `error.code` with `--json`.',
    '',
    '| exit code | meaning |',
    '|---|---|',
    ...exitRows,
    '',
    ...sections,
  ]
    .join('\n')
    .trimEnd()}\n`;
}

function byArea(codes: Readonly<Record<string, CodeEntry>>): Map<string, [string, CodeEntry][]> {
  const areas = new Map<string, [string, CodeEntry][]>();
  for (const [code, entry] of Object.entries(codes)) {
    const area = code.split('/')[0] ?? code;
    areas.set(area, [...(areas.get(area) ?? []), [code, entry]]);
  }
  return areas;
}

const row = ([code, { exit, about, remedy }]: readonly [string, CodeEntry]) =>
  `- **\`${code}\`** (exit ${exit}). ${about} ${remedy}`;

/** How every test ends: what was measured, what is to be said of it, the exit code. */
import { connectionChecks } from '../../diagnose/connections/judge.ts';
import { countVerdicts, type Finding } from '../../diagnose/finding.ts';
import { diagnosisText } from '../../report/diagnosis.ts';
import type { CommandContext } from '../context.ts';
import { documentsOf, exitOf } from '../diagnose/look.ts';
import type { Survey } from './bench.ts';

export interface Shown {
  readonly findings: readonly Finding[];
  /** What was measured, for `--json`. */
  readonly measured: object;
  /** The same for people: blocks of lines. */
  readonly sections: readonly (readonly string[])[];
}

/** Prints what was measured and what is to be said of it; answers the exit code. */
export function show({ out, flags }: CommandContext, { seen }: Survey, shown: Shown): number {
  const { findings, measured, sections } = shown;
  const counts = countVerdicts(findings);
  const environment = seen.desired.names.prefix;
  const { region } = seen.desired.config;
  const titles = Object.fromEntries(seen.examined.map(({ warehouse }) => [warehouse.short, warehouse.name]));
  const view = { environment, region, findings, counts, titles };
  const blocks = sections.filter((lines) => lines.length > 0).map((lines) => `${lines.join('\n')}\n\n`);
  const { paint, columns } = out;
  out.text(blocks.join('') + diagnosisText(view, { paint, columns, passes: flags.verbose || connectionChecks }));
  out.document({ environment, ...measured, findings: documentsOf(findings), counts });
  return exitOf(findings);
}

/** The handler of `diagnose`: opens the environment, looks, judges, shows. */
import { diagnose, findExamined } from '../../diagnose/diagnose.ts';
import { countVerdicts, type Finding } from '../../diagnose/finding.ts';
import type { Observations } from '../../diagnose/observations.ts';
import { diagnosisText } from '../../report/diagnosis.ts';
import type { CommandContext } from '../context.ts';
import { openAccount } from '../environment/session.ts';
import { documentsOf, exitOf, lookAt } from './look.ts';

export async function runDiagnose(
  context: CommandContext,
  { workgroup, watch }: { workgroup: string | undefined; watch: boolean },
): Promise<number> {
  const here = await openAccount(context);
  const seen = await lookAt(here, { watch });
  const only = workgroup === undefined ? undefined : findExamined(seen.examined, workgroup);
  const findings = diagnose(seen, only);
  show(context, seen, { findings, whole: only === undefined });
  return exitOf(findings);
}

function show(
  { out, flags }: CommandContext,
  { desired, examined }: Observations,
  { findings, whole }: { findings: readonly Finding[]; whole: boolean },
): void {
  const counts = countVerdicts(findings);
  const environment = desired.names.prefix;
  const titles = Object.fromEntries(examined.map(({ warehouse }) => [warehouse.short, warehouse.name]));
  const { region } = desired.config;
  out.text(
    diagnosisText(
      { environment, region, findings, counts, titles },
      { paint: out.paint, columns: out.columns, passes: !whole || flags.verbose },
    ),
  );
  out.document({ environment, findings: documentsOf(findings), counts });
}

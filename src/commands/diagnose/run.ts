/** The handler of `diagnose`: opens the environment, looks, judges, shows. */
import { diagnose, findExamined } from '../../diagnose/diagnose.ts';
import { countVerdicts, type Finding } from '../../diagnose/finding.ts';
import type { Observations } from '../../diagnose/observations.ts';
import { observe } from '../../diagnose/observe/index.ts';
import { diagnosisText } from '../../report/diagnosis.ts';
import type { CommandContext } from '../context.ts';
import { openSession } from '../environment/session.ts';
import { lockReaders } from './locks.ts';
import { suffixOf } from './suffix.ts';

/** Of a diagnosis that found a fault. */
const faultExit = 5;

export async function runDiagnose(
  context: CommandContext,
  { workgroup, watch }: { workgroup: string | undefined; watch: boolean },
): Promise<number> {
  const session = await openSession(context);
  const seen = await observe({
    ...session,
    ...lockReaders(session, { watch }),
    ledger: session.ledger.document(),
    suffix: suffixOf(context, session.config.region),
    now: () => context.clock.now(),
  });
  const only = workgroup === undefined ? undefined : findExamined(seen.examined, workgroup);
  const findings = diagnose(seen, only);
  show(context, seen, { findings, whole: only === undefined });
  return findings.some(({ verdict }) => verdict === 'fail') ? faultExit : 0;
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
  const documents = findings.map(({ cause, remedy, ...finding }) => ({
    ...finding,
    cause: cause ?? null,
    remedy: remedy ?? null,
  }));
  out.document({ environment, findings: documents, counts });
}

/** The handler of `diagnose`: opens the environment, looks, judges, shows. */
import { diagnose, findExamined } from '../../diagnose/diagnose.ts';
import { countVerdicts, type Finding } from '../../diagnose/finding.ts';
import type { Observations } from '../../diagnose/observations.ts';
import { observe } from '../../diagnose/observe/index.ts';
import { emptyDocument } from '../../ledger/document.ts';
import type { LedgerDocument } from '../../ledger/ledger.ts';
import { diagnosisText } from '../../report/diagnosis.ts';
import { RsdsError } from '../../shared/errors.ts';
import type { CommandContext } from '../context.ts';
import { type Account, openAccount, openLedger, wishOf } from '../environment/session.ts';
import { lockReaders } from './locks.ts';
import { suffixOf } from './suffix.ts';

/** Of a diagnosis that found a fault. */
const faultExit = 5;

export async function runDiagnose(
  context: CommandContext,
  { workgroup, watch }: { workgroup: string | undefined; watch: boolean },
): Promise<number> {
  const here = await openAccount(context);
  const { document: ledger, fault: ledgerFault } = await readLedger(here);
  const { desired } = wishOf(here, ledger);
  const seen = await observe({
    ...here,
    ...lockReaders(here, { watch }),
    ...{ desired, ledger, ledgerFault },
    suffix: suffixOf(context, here.config.region),
    now: () => context.clock.now(),
  });
  const only = workgroup === undefined ? undefined : findExamined(seen.examined, workgroup);
  const findings = diagnose(seen, only);
  show(context, seen, { findings, whole: only === undefined });
  return findings.some(({ verdict }) => verdict === 'fail') ? faultExit : 0;
}

/** What the ledger knows; nothing where it can't be used, which is for the report to tell. */
async function readLedger(here: Account): Promise<{ document: LedgerDocument; fault?: RsdsError }> {
  try {
    return { document: (await openLedger(here)).document() };
  } catch (error) {
    if (!(error instanceof RsdsError && error.code.startsWith('ledger/'))) throw error;
    const { config, account } = here;
    const { project, environment, region } = config;
    return { document: emptyDocument({ project, environment, account, region }, ''), fault: error };
  }
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

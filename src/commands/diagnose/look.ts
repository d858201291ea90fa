/** What `diagnose` and `test` begin with: the control plane, read once, and what they end with. */
import type { Finding } from '../../diagnose/finding.ts';
import type { Observations } from '../../diagnose/observations.ts';
import { observe } from '../../diagnose/observe/index.ts';
import { emptyDocument } from '../../ledger/document.ts';
import type { LedgerDocument } from '../../ledger/ledger.ts';
import { RsdsError } from '../../shared/errors.ts';
import { type Account, openLedger, wishOf } from '../environment/session.ts';
import { lockReaders } from './locks.ts';
import { suffixOf } from './suffix.ts';

/** Of a command that found a fault. */
const faultExit = 5;

export const exitOf = (findings: readonly Finding[]): number =>
  findings.some(({ verdict }) => verdict === 'fail') ? faultExit : 0;

/** Findings as `--json` prints them: what there is not is null. */
export const documentsOf = (findings: readonly Finding[]) =>
  findings.map(({ cause, remedy, ...finding }) => ({ ...finding, cause: cause ?? null, remedy: remedy ?? null }));

/** Reads all that checks judge by; `watch`: for the heartbeat of a lock that is held. */
export async function lookAt(here: Account, { watch }: { readonly watch: boolean }): Promise<Observations> {
  const { document: ledger, fault: ledgerFault } = await readLedger(here);
  const { desired } = wishOf(here, ledger);
  return observe({
    ...here,
    ...lockReaders(here, { watch }),
    ...{ desired, ledger, ledgerFault },
    suffix: suffixOf(here.context, here.config.region),
    now: () => here.context.clock.now(),
  });
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

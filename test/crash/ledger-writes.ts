/** Sees every write of a ledger: a virtual clock that looks at the file whenever an I/O has ended. */
import type { LedgerDocument, LedgerRecord } from '../../src/ledger/ledger.ts';
import { VirtualClock } from '../../src/shared/clock.ts';

export class WatchfulClock extends VirtualClock {
  /** Called after each I/O of program and simulator, before whoever awaits it goes on. */
  onIo: (() => void) | undefined;

  override track<T>(io: Promise<T>): Promise<T> {
    return super.track(io.finally(() => this.onIo?.()));
  }
}

/** What a write was about: `ledger.intended`, `ledger.settled`, `ledger.run`, … */
export function kindOfWrite(before: string | undefined, after: string): string {
  const was = before === undefined ? undefined : (JSON.parse(before) as LedgerDocument);
  const is = JSON.parse(after) as LedgerDocument;
  if (was && was.lineage !== is.lineage) return 'ledger.renewed';
  for (const [id, record] of Object.entries(is.resources)) {
    const kind = kindOfRecord(was?.resources[id], record);
    if (kind) return `ledger.${kind}`;
  }
  return same(was?.override, is.override) ? 'ledger.run' : 'ledger.override';
}

function kindOfRecord(was: LedgerRecord | undefined, is: LedgerRecord): string | undefined {
  if (was?.state !== is.state || was.change?.at !== is.change?.at) return is.state;
  if (was.transitions.length !== is.transitions.length) return 'seen';
  return same(was, is) ? undefined : 'remembered';
}

const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

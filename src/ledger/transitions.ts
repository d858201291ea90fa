/** Events → document, pure. The table says which transitions are legal; another one is a bug and is never written. */
import { InvariantError } from '../shared/errors.ts';
import type { LedgerDocument, LedgerEvent, LedgerRecord, Override, RecordState } from './ledger.ts';

type Step = 'intended' | 'applied' | 'settled' | 'failed' | 'removed';

// A record starts as absent. What is found settled, gone or failing is recorded from wherever it was; only `applied`
// must follow an intent (L1).
const legal: Record<RecordState | 'absent', readonly Step[]> = {
  absent: ['intended', 'settled', 'removed', 'failed'],
  intended: ['intended', 'applied', 'settled', 'failed', 'removed'],
  applied: ['intended', 'settled', 'failed', 'removed'],
  settled: ['intended', 'settled', 'failed', 'removed'],
  failed: ['intended', 'settled', 'failed', 'removed'],
  removed: ['intended', 'settled', 'removed', 'failed'],
};

const runsKept = 50;
const measuredKept = 200;
const transitionsKept = 20;

/** The document after `event`, with its serial untouched. Throws InvariantError for an illegal transition. */
export function applyEvent(document: LedgerDocument, event: LedgerEvent): LedgerDocument {
  switch (event.type) {
    case 'run-started':
      return { ...document, runs: [...document.runs, event.run].slice(-runsKept) };
    case 'run-ended':
      return {
        ...document,
        runs: document.runs.map((run) =>
          run.id === event.id ? { ...run, endedAt: event.at, outcome: event.outcome } : run,
        ),
      };
    case 'renewed':
      return { ...document, lineage: event.lineage, resources: {} };
    case 'override':
      return { ...document, override: overrideOf(event) };
    default:
      return withRecord(document, event);
  }
}

const overrideOf = ({ consumers, without, instead }: Override): Override => ({
  consumers,
  without,
  ...(instead === undefined ? {} : { instead }),
});

type RecordEvent = Extract<LedgerEvent, { readonly id: string }> & {
  readonly type: Exclude<LedgerEvent['type'], 'run-ended'>;
};

function withRecord(document: LedgerDocument, event: Exclude<RecordEvent, { type: 'run-ended' }>): LedgerDocument {
  const was = document.resources[event.id];
  const record = nextRecord(was, event);
  const resources = { ...document.resources, [event.id]: record };
  const measured =
    'measured' in event && event.measured
      ? [...document.measured, event.measured].slice(-measuredKept)
      : document.measured;
  return { ...document, resources, measured };
}

function nextRecord(was: LedgerRecord | undefined, event: RecordEvent): LedgerRecord {
  const base: LedgerRecord = was ?? {
    kind: 'kind' in event ? event.kind : '',
    state: 'intended',
    data: {},
    transitions: [],
  };
  if (event.type === 'seen')
    return {
      ...base,
      transitions: [...base.transitions, { status: event.status, at: event.at }].slice(-transitionsKept),
    };
  if (event.type === 'remembered') return { ...base, kind: event.kind, data: { ...base.data, ...event.data } };
  mustBeLegal(was, event);
  switch (event.type) {
    case 'intended':
      return {
        ...base,
        kind: event.kind,
        state: 'intended',
        change: { action: event.action, title: event.title, at: event.at },
        transitions: [],
        error: undefined,
      };
    case 'applied':
      return { ...base, state: 'applied' };
    case 'settled':
      return { ...base, kind: event.kind, state: 'settled', data: { ...base.data, ...event.data }, error: undefined };
    case 'removed':
      // What it was is history; ids of what is gone would only mislead the next look.
      return { ...base, state: 'removed', data: {}, error: undefined };
    case 'failed':
      return { ...base, state: 'failed', error: { code: event.code, message: event.message, at: event.at } };
    default:
      throw new InvariantError(`unexpected ledger event ${(event as LedgerEvent).type}`);
  }
}

function mustBeLegal(was: LedgerRecord | undefined, event: RecordEvent & { type: Step }): void {
  const from = was?.state ?? 'absent';
  if (!legal[from].includes(event.type))
    throw new InvariantError(`ledger: ${event.id} can't go from ${from} to ${event.type}`);
}

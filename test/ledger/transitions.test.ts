import { describe, expect, it } from 'vitest';
import { emptyDocument } from '../../src/ledger/document.ts';
import type { LedgerEvent } from '../../src/ledger/ledger.ts';
import { applyEvent } from '../../src/ledger/transitions.ts';

const empty = emptyDocument({ project: 'p', environment: 'e', account: 'a', region: 'r' }, 'l');
const intended: LedgerEvent = { type: 'intended', id: 'a/b', kind: 'k', action: 'create', title: 't', at: 1 };
const applied: LedgerEvent = { type: 'applied', id: 'a/b', at: 2 };
const settled: LedgerEvent = { type: 'settled', id: 'a/b', kind: 'k', data: { id: 'x' }, at: 3 };
const removed: LedgerEvent = { type: 'removed', id: 'a/b', at: 4 };
const failed: LedgerEvent = { type: 'failed', id: 'a/b', code: 'aws/denied', message: 'no', at: 5 };
const recordAfter = (...events: LedgerEvent[]) => events.reduce(applyEvent, empty).resources['a/b'];

describe('a record', () => {
  it('goes from intent over outcome to settled, keeping ids', () => {
    expect(recordAfter(intended, applied, settled)).toMatchObject({ state: 'settled', data: { id: 'x' } });
  });

  it('forgets the ids of what is gone', () => {
    expect(recordAfter(intended, applied, settled, removed)).toMatchObject({ state: 'removed', data: {} });
  });

  it('keeps the error until the next intent', () => {
    expect(recordAfter(intended, failed)?.error?.code).toBe('aws/denied');
    expect(recordAfter(intended, failed, intended)?.error).toBeUndefined();
  });

  it.each([[[applied]], [[settled, applied]], [[intended, applied, applied]], [[removed, applied]]])(
    'refuses an outcome without its intent: %j',
    (events) => {
      expect(() => recordAfter(...events)).toThrow(/can't go from/);
    },
  );

  it('keeps the last statuses with their times, anew for each intent', () => {
    const seen: LedgerEvent = { type: 'seen', id: 'a/b', status: 'CREATING', at: 9 };
    expect(recordAfter(intended, seen)?.transitions).toEqual([{ status: 'CREATING', at: 9 }]);
    expect(recordAfter(intended, seen, intended)?.transitions).toEqual([]);
  });
});

describe('the document', () => {
  it('keeps the last fifty runs', () => {
    const start = (id: number): LedgerEvent => ({
      type: 'run-started',
      run: { id: String(id), command: 'up', user: 'u', host: 'h', startedAt: id },
    });
    const document = Array.from({ length: 60 }, (_, id) => start(id)).reduce(applyEvent, empty);
    expect([document.runs.length, document.runs[0]?.id]).toEqual([50, '10']);
  });

  it('notes how a run ended', () => {
    const run = { id: '1', command: 'up', user: 'u', host: 'h', startedAt: 1 };
    const events: LedgerEvent[] = [
      { type: 'run-started', run },
      { type: 'run-ended', id: '1', outcome: 'done', at: 9 },
    ];
    expect(events.reduce(applyEvent, empty).runs).toEqual([{ ...run, endedAt: 9, outcome: 'done' }]);
  });
});

/** The table form of a check's tests: what is spoilt, where it shows, and what is said of it. */
import { expect, test } from 'vitest';
import { diagnose } from '../../src/diagnose/diagnose.ts';
import type { Verdict } from '../../src/diagnose/finding.ts';
import type { HolderView, Observations } from '../../src/diagnose/observations.ts';
import type { LedgerRecord } from '../../src/ledger/ledger.ts';
import { healthy, ledger, minute, now, read, settled, valueIn, withOne } from './healthy.ts';

export type Spoilt = Partial<Observations>;

export interface Case {
  readonly name: string;
  readonly seen: Spoilt;
  /** `subject check`. */
  readonly at: string;
  readonly verdict: Verdict;
  readonly what: RegExp;
  readonly cause?: RegExp;
  readonly remedy?: RegExp;
}

export const up = /^rsds up --env dev$/;
// Places in the lists of the fixture.
export const [producer, first] = [0, 1];

export const holder = (more: Partial<HolderView> = {}): HolderView => ({
  who: 'ana@build-7 (pid 4711)',
  operation: 'up',
  workgroup: undefined,
  heldMs: 4 * minute,
  heartbeat: { seen: true, watchedMs: 15_000 },
  ...more,
});
export const dead = holder({ heartbeat: { seen: false, watchedMs: minute } });

/** A workgroup in a status for so long, as a run saw it. */
export const inStatus = (status: string, forMinutes: number, more: Partial<LedgerRecord> = {}): Spoilt => ({
  workgroups: withOne(healthy.workgroups, first, { status }),
  ledger: ledger({
    'consumer-1/workgroup': {
      ...settled('workgroup'),
      state: 'applied',
      transitions: [
        { status: 'CREATING', at: now - (forMinutes + 4) * minute },
        { status, at: now - forMinutes * minute },
      ],
      ...more,
    },
  }),
});

export const target = (change: object) => ({ targets: withOne(healthy.targets, 0, change) });
export const rulesOf = (name: string, rules: readonly object[]) => ({
  groups: read(
    valueIn(healthy.groups).map((group) =>
      group.name === `airline-dev-${name}` ? { ...group, rules: rules as typeof group.rules } : group,
    ),
  ),
});
export const key = (state: string, deletionAt?: number) => ({
  keys: [{ name: 'alias/airline-dev', key: read({ arn: 'arn:key/1', state, deletionAt }) }],
});

/** Every fault must say why it is one and what to type. */
export function testCases(cases: readonly Case[]): void {
  test.each(cases)('$name', ({ seen, at, verdict, what, cause, remedy }) => {
    const all = diagnose({ ...healthy, ...seen });
    const found = all.filter(({ subject, check }) => `${subject} ${check}` === at);
    const finding = found.find((one) => what.test(one.what));
    expect(finding, JSON.stringify(found)).toBeDefined();
    expect(finding?.verdict).toBe(verdict);
    if (cause) expect(finding?.cause).toMatch(cause);
    if (remedy) expect(finding?.remedy).toMatch(remedy);
    const mute = all.filter((one) => one.verdict === 'fail' && !(one.cause && one.remedy));
    expect(mute).toEqual([]);
  });
}

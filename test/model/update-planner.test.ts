import { describe, expect, it } from 'vitest';
import {
  applyCapacity,
  type CapacityState,
  type CapacityWish,
  capacityState,
  planCapacity,
  unreachableCapacity,
} from '../../src/model/update-planner.ts';

const sizes = [8, 16, 32, 64, 128];
const maxima = [...sizes, undefined];
const wishes: CapacityWish[] = sizes.flatMap((baseCapacity) =>
  maxima
    .filter((max) => max === undefined || max >= baseCapacity)
    .map((maxCapacity) => ({ baseCapacity, maxCapacity })),
);
const states: CapacityState[] = [
  ...wishes.map((wish) => ({ ...wish, targeted: false })),
  ...maxima.map((maxCapacity) => ({ baseCapacity: -1, maxCapacity, targeted: true })),
];
const transitions = states.flatMap((seen) => wishes.map((wanted) => ({ seen, wanted })));

const valid = ({ baseCapacity, maxCapacity }: CapacityState) =>
  maxCapacity === undefined || baseCapacity <= maxCapacity;

describe('changing the capacity of a workgroup', () => {
  it('covers a grid that is worth the name', () => {
    expect(transitions.length).toBe((20 + 6) * 20);
  });

  it('ends as wanted, whatever it began with', () => {
    for (const { seen, wanted } of transitions) {
      const end = planCapacity(seen, wanted).reduce(applyCapacity, seen);
      expect(end, JSON.stringify({ seen, wanted })).toEqual({ ...wanted, targeted: false });
    }
  });

  it('passes through valid states only', () => {
    for (const { seen, wanted } of transitions) {
      let state = seen;
      for (const update of planCapacity(seen, wanted)) {
        state = applyCapacity(state, update);
        expect(valid(state), JSON.stringify({ seen, wanted, state })).toBe(true);
      }
    }
  });

  it('changes one setting a call, but for the target, which takes the base with it (F-825)', () => {
    for (const { seen, wanted } of transitions) {
      planCapacity(seen, wanted).forEach((update, index) => {
        const together = 'pricePerformanceTarget' in update;
        expect(Object.keys(update)).toHaveLength(together ? 2 : 1);
        expect(together).toBe(seen.targeted && index === 0);
      });
    }
  });

  it('makes no call that changes nothing', () => {
    for (const { seen, wanted } of transitions) {
      let state = seen;
      for (const update of planCapacity(seen, wanted)) {
        const next = applyCapacity(state, update);
        expect(next).not.toEqual(state);
        state = next;
      }
      expect(planCapacity(state, wanted)).toEqual([]);
    }
  });

  it('never takes away a limit that is not there: AWS refuses that', () => {
    for (const { seen, wanted } of transitions) {
      const removals = planCapacity(seen, wanted).filter(
        (update) => 'maxCapacity' in update && update.maxCapacity === -1,
      );
      expect(removals.length).toBe(seen.maxCapacity !== undefined && wanted.maxCapacity === undefined ? 1 : 0);
    }
  });

  it('resumes: from every state in between it takes the rest of the way', () => {
    for (const { seen, wanted } of transitions) {
      const updates = planCapacity(seen, wanted);
      updates.forEach((_, done) => {
        const between = updates.slice(0, done).reduce(applyCapacity, seen);
        expect(planCapacity(between, wanted)).toEqual(updates.slice(done));
      });
    }
  });

  it('raises the limit first when the new base lies above it, and lowers the base first otherwise', () => {
    const up = planCapacity(
      { baseCapacity: 8, maxCapacity: 16, targeted: false },
      { baseCapacity: 32, maxCapacity: 64 },
    );
    expect(up).toEqual([{ maxCapacity: 64 }, { baseCapacity: 32 }]);
    const down = planCapacity(
      { baseCapacity: 32, maxCapacity: 64, targeted: false },
      { baseCapacity: 8, maxCapacity: 16 },
    );
    expect(down).toEqual([{ baseCapacity: 8 }, { maxCapacity: 16 }]);
  });

  it('reads −1 as "chosen by the target" and as "no limit"', () => {
    expect(capacityState({ baseCapacity: -1, maxCapacity: -1 })).toEqual({
      baseCapacity: -1,
      maxCapacity: undefined,
      targeted: true,
    });
    expect(capacityState({ baseCapacity: 32, pricePerformanceTarget: { status: 'DISABLED' } })).toEqual({
      baseCapacity: 32,
      maxCapacity: undefined,
      targeted: false,
    });
  });

  it('says that there is no way back to 4 RPUs', () => {
    const wanted = { baseCapacity: 4, maxCapacity: 64 };
    expect(unreachableCapacity({ baseCapacity: 8, maxCapacity: 64, targeted: false }, wanted)).toMatch(
      /never returns to 4/,
    );
    expect(unreachableCapacity({ baseCapacity: 4, maxCapacity: 8, targeted: false }, wanted)).toBeUndefined();
  });
});

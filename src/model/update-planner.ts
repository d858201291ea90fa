/**
 * The order in which the capacity of a workgroup is changed. AWS takes one setting a call and refuses every state in
 * between that would not be valid by itself (F-825, F-826). Pure, and tested over all transitions of a grid.
 */

export interface CapacityState {
  /** RPUs. AWS reports −1 while a price-performance target sets it. */
  readonly baseCapacity: number;
  /** RPUs; undefined: no limit. */
  readonly maxCapacity: number | undefined;
  /** Whether a price-performance target chooses the base. */
  readonly targeted: boolean;
}

export interface CapacityWish {
  readonly baseCapacity: number;
  readonly maxCapacity: number | undefined;
}

/** One UpdateWorkgroup: exactly what its request holds beside the name. */
export type CapacityUpdate =
  | { readonly pricePerformanceTarget: { readonly status: 'DISABLED' }; readonly baseCapacity: number }
  | { readonly baseCapacity: number }
  /** −1 removes the limit. */
  | { readonly maxCapacity: number };

const noLimit = -1;

/** What AWS reports, as a state: −1 and absence both mean "none". */
export function capacityState(reported: {
  readonly baseCapacity?: number | undefined;
  readonly maxCapacity?: number | undefined;
  readonly pricePerformanceTarget?: { readonly status?: string | undefined } | undefined;
}): CapacityState {
  const { baseCapacity = noLimit, maxCapacity = noLimit, pricePerformanceTarget } = reported;
  return {
    baseCapacity,
    maxCapacity: maxCapacity === noLimit ? undefined : maxCapacity,
    targeted: pricePerformanceTarget?.status === 'ENABLED' || baseCapacity === noLimit,
  };
}

/** The updates that lead from what is seen to what is wanted, in order, one setting each; [] when nothing differs. */
export function planCapacity(seen: CapacityState, wanted: CapacityWish): readonly CapacityUpdate[] {
  if (seen.targeted) {
    // The target goes together with a base, which has to fit under the limit that is still there.
    const baseCapacity = Math.min(wanted.baseCapacity, seen.maxCapacity ?? wanted.baseCapacity);
    const off = { pricePerformanceTarget: { status: 'DISABLED' }, baseCapacity } as const;
    return [off, ...planCapacity(applyCapacity(seen, off), wanted)];
  }
  const base = seen.baseCapacity === wanted.baseCapacity ? [] : [{ baseCapacity: wanted.baseCapacity }];
  const max = seen.maxCapacity === wanted.maxCapacity ? [] : [{ maxCapacity: wanted.maxCapacity ?? noLimit }];
  const blocked = seen.maxCapacity !== undefined && wanted.baseCapacity > seen.maxCapacity;
  return blocked ? [...max, ...base] : [...base, ...max];
}

/** The state after one update. */
export function applyCapacity(state: CapacityState, update: CapacityUpdate): CapacityState {
  if ('maxCapacity' in update) {
    return { ...state, maxCapacity: update.maxCapacity === noLimit ? undefined : update.maxCapacity };
  }
  return { ...state, baseCapacity: update.baseCapacity, targeted: false };
}

/** Why AWS would refuse to go there at all, whatever the order; undefined when it would not. */
export function unreachableCapacity(seen: CapacityState, wanted: CapacityWish): string | undefined {
  if (wanted.baseCapacity !== 4 || seen.baseCapacity === 4) return undefined;
  return 'a workgroup that has had more than 4 RPUs never returns to 4'; // F-821
}

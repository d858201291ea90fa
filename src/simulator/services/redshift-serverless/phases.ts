/** The life of a workgroup as data: what each phase looks like from outside, how long it takes, what follows. */
import type { DurationKind } from '../../durations.ts';

export interface Phase {
  readonly status: 'CREATING' | 'AVAILABLE' | 'MODIFYING' | 'DELETING';
  /** How long it lasts and what comes then; without it the phase lasts until somebody acts. */
  readonly passes?: { readonly in: DurationKind; readonly to: WorkgroupPhase | 'gone' };
}

export type WorkgroupPhase =
  | 'creating'
  | 'lull'
  | 'resizing'
  | 'settled'
  | 'updating'
  | 'stuck'
  | 'closing'
  | 'deleting';

/**
 * F-111: after creation a workgroup shows AVAILABLE for a moment, then MODIFYING, then AVAILABLE for good.
 * F-112: while it is being deleted it can be seen MODIFYING before DELETING.
 */
export const phases: Readonly<Record<WorkgroupPhase, Phase>> = {
  creating: { status: 'CREATING', passes: { in: 'workgroup.create', to: 'lull' } },
  lull: { status: 'AVAILABLE', passes: { in: 'workgroup.lull', to: 'resizing' } },
  resizing: { status: 'MODIFYING', passes: { in: 'workgroup.resize', to: 'settled' } },
  settled: { status: 'AVAILABLE' },
  updating: { status: 'MODIFYING', passes: { in: 'workgroup.update', to: 'settled' } },
  stuck: { status: 'MODIFYING' },
  closing: { status: 'MODIFYING', passes: { in: 'workgroup.close', to: 'deleting' } },
  deleting: { status: 'DELETING', passes: { in: 'workgroup.delete', to: 'gone' } },
};

/** Whether a creation is still under way: what the `stuck` and `conflict` worlds hold against other workgroups. */
export const isBeingCreated = (phase: WorkgroupPhase): boolean =>
  phase === 'creating' || phase === 'lull' || phase === 'resizing';

/** What a run tells: a closed union of events. Renderers fold them; the engine never prints and never awaits them. */
import type { ChangeAction, Goal, Resource, ResourceId, StepName } from './resource.ts';

export interface ResourceLabel {
  readonly id: ResourceId;
  readonly step: StepName;
  readonly kind: string;
  readonly title: string;
}

export const label = ({ id, step, kind, title }: Resource): ResourceLabel => ({ id, step, kind, title });

/** Who holds a lock, for people. */
export interface Holder {
  readonly id: string;
  readonly user: string;
  readonly host: string;
  readonly pid: number;
  readonly operation: string;
  readonly workgroup?: string | undefined;
  /** ms since the epoch, on the holder's clock. */
  readonly since: number;
  /** ms since the watcher saw the last heartbeat, as far as it has watched. */
  readonly heartbeatAgeMs?: number | undefined;
}

/** `at` is ms since the epoch on the run's clock (AWS time). */
export type RunEvent = { readonly at: number } & (
  | {
      readonly event: 'run-started';
      readonly command: string;
      readonly resources: readonly (ResourceLabel & { goal: Goal; changes: number })[];
    }
  | {
      readonly event: 'lock-waiting';
      readonly key: string;
      readonly holder: Holder | undefined;
      readonly waitedMs: number;
      readonly why: string;
    }
  | { readonly event: 'lock-acquired'; readonly key: string; readonly fence: number }
  | { readonly event: 'lock-released'; readonly key: string }
  | { readonly event: 'resource-started'; readonly resource: ResourceLabel; readonly goal: Goal }
  | {
      readonly event: 'change-started';
      readonly resource: ResourceLabel;
      readonly action: ChangeAction;
      readonly title: string;
    }
  | {
      readonly event: 'change-applied';
      readonly resource: ResourceLabel;
      readonly action: ChangeAction;
      readonly title: string;
      readonly ms: number;
    }
  /** Sent at each change of status, and at each poll while nothing changes. */
  | {
      readonly event: 'resource-waiting';
      readonly resource: ResourceLabel;
      readonly status: string;
      readonly sinceMs: number;
      readonly usualMs: number | undefined;
      readonly why: string | undefined;
      readonly transition: boolean;
    }
  | {
      readonly event: 'retry';
      readonly resource: ResourceLabel;
      readonly attempt: number;
      readonly inMs: number;
      readonly kind: string;
      readonly message: string;
    }
  | {
      readonly event: 'note';
      readonly resource: ResourceLabel | undefined;
      readonly text: string;
      readonly level: 'info' | 'warning';
    }
  | {
      readonly event: 'resource-settled';
      readonly resource: ResourceLabel;
      readonly goal: Goal;
      readonly status: string | undefined;
      readonly ms: number;
      readonly changed: boolean;
    }
  | {
      readonly event: 'resource-failed';
      readonly resource: ResourceLabel;
      readonly code: string;
      readonly message: string;
      readonly hint: string | undefined;
    }
  | { readonly event: 'stopping'; readonly reason: string }
  | {
      readonly event: 'run-ended';
      readonly outcome: RunOutcome;
      readonly ms: number;
      readonly changed: number;
      readonly failed: readonly ResourceId[];
      readonly steps: readonly StepTime[];
    }
);

export type RunOutcome = 'done' | 'nothing-to-do' | 'failed' | 'interrupted';

/** How long a step took: from its first change to its last settled resource. */
export interface StepTime {
  readonly step: StepName;
  readonly ms: number;
  readonly changed: number;
}

/** Receives events; synchronous, never throws, never awaited by the engine. */
export interface Reporter {
  emit(event: RunEvent): void;
}

type WithoutTime<Event> = Event extends unknown ? Omit<Event, 'at'> : never;

/** An event before the run stamps it with the time. */
export type EventWithoutTime = WithoutTime<RunEvent>;

/** Folds a run's events into what there is to see at a moment: the state of each resource and of the run. */
import type { ResourceLabel, RunEvent, RunOutcome } from '../engine/events.ts';
import type { Goal, ResourceId, StepName } from '../engine/resource.ts';
import { actionInProgress, describeHolder, statusWord } from './wording.ts';

export type Phase = 'waiting' | 'running' | 'done' | 'failed';

export interface ResourceView {
  readonly label: ResourceLabel;
  readonly goal: Goal;
  readonly phase: Phase;
  /** What is going on, e.g. `CREATING` or an error's message. */
  readonly text: string;
  /** When what `text` says began, ms since the epoch on the run's clock. */
  readonly since: number;
  readonly usualMs: number | undefined;
  readonly why: string | undefined;
  /** When it started and ended, for the step's time. */
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
}

export interface RunView {
  readonly command: string;
  readonly startedAt: number;
  readonly resources: ReadonlyMap<ResourceId, ResourceView>;
  /** What the run as a whole waits for. */
  readonly lockWait: string | undefined;
  readonly stopping: string | undefined;
  readonly outcome: RunOutcome | undefined;
  readonly endedAt: number | undefined;
}

export const emptyView: RunView = {
  command: '',
  startedAt: 0,
  resources: new Map(),
  lockWait: undefined,
  stopping: undefined,
  outcome: undefined,
  endedAt: undefined,
};

/** The view after one more event; the one before is left as it was. */
export function fold(view: RunView, event: RunEvent): RunView {
  switch (event.event) {
    case 'run-started':
      return startRun(view, event);
    case 'lock-waiting':
      return { ...view, lockWait: `waiting for ${describeHolder(event.holder, event.at)}: ${event.why}` };
    case 'lock-acquired':
      return { ...view, lockWait: undefined };
    case 'resource-started':
      return withResource(view, event.resource, event.at, {
        goal: event.goal,
        phase: 'running',
        text: 'looking',
        since: event.at,
        startedAt: event.at,
      });
    case 'change-started':
      return running(view, event, `${actionInProgress(event.action)}: ${event.title}`);
    case 'change-applied':
      return running(view, event, `${event.title} accepted`);
    case 'resource-waiting':
      return withResource(view, event.resource, event.at, {
        phase: 'running',
        text: statusWord(event.resource.kind, event.status),
        since: event.at - event.sinceMs,
        usualMs: event.usualMs,
        why: event.why,
      });
    case 'retry':
      return running(view, event, `${event.kind}, attempt ${event.attempt}: ${event.message}`);
    case 'note':
      return event.resource ? withResource(view, event.resource, event.at, { why: event.text }) : view;
    case 'resource-settled':
      return ended(view, event, 'done', event.status ?? '');
    case 'resource-failed':
      return ended(view, event, 'failed', event.message);
    case 'stopping':
      return { ...view, stopping: event.reason };
    case 'run-ended':
      return { ...view, outcome: event.outcome, endedAt: event.at };
    case 'lock-released':
      return view;
  }
}

function startRun(view: RunView, event: RunEvent & { event: 'run-started' }): RunView {
  // What has nothing to change is done, unless the run comes to it later for another's sake.
  const resources = event.resources.map((resource) => {
    const phase = resource.changes > 0 ? ('waiting' as const) : ('done' as const);
    return [resource.id, { ...fresh(resource, event.at), goal: resource.goal, phase }] as const;
  });
  return { ...view, lockWait: undefined, command: event.command, startedAt: event.at, resources: new Map(resources) };
}

const fresh = (label: ResourceLabel, at: number): ResourceView => ({
  label,
  goal: 'present',
  phase: 'waiting',
  text: '',
  since: at,
  usualMs: undefined,
  why: undefined,
  startedAt: undefined,
  endedAt: undefined,
});

function withResource(view: RunView, label: ResourceLabel, at: number, change: Partial<ResourceView>): RunView {
  const before = view.resources.get(label.id) ?? fresh(label, at);
  return { ...view, resources: new Map(view.resources).set(label.id, { ...before, ...change }) };
}

function running(
  view: RunView,
  event: { readonly at: number; readonly resource: ResourceLabel },
  text: string,
): RunView {
  return withResource(view, event.resource, event.at, {
    phase: 'running',
    text,
    since: event.at,
    usualMs: undefined,
    why: undefined,
  });
}

function ended(
  view: RunView,
  event: { readonly at: number; readonly resource: ResourceLabel },
  phase: 'done' | 'failed',
  text: string,
): RunView {
  return withResource(view, event.resource, event.at, { phase, text, why: undefined, endedAt: event.at });
}

export interface StepView {
  readonly step: StepName;
  readonly phase: Phase;
  readonly done: number;
  readonly resources: readonly ResourceView[];
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
}

/** The steps in the order in which the run names them. */
export function stepsOf(view: RunView): StepView[] {
  const byStep = new Map<StepName, ResourceView[]>();
  for (const resource of view.resources.values()) {
    const list = byStep.get(resource.label.step) ?? [];
    list.push(resource);
    byStep.set(resource.label.step, list);
  }
  return [...byStep].map(([step, resources]) => stepView(step, resources));
}

function stepView(step: StepName, resources: readonly ResourceView[]): StepView {
  const starts = resources.flatMap(({ startedAt }) => startedAt ?? []);
  const ends = resources.flatMap(({ endedAt }) => endedAt ?? []);
  const phase = stepPhase(resources);
  return {
    step,
    phase,
    resources,
    done: resources.filter((resource) => resource.phase === 'done').length,
    startedAt: starts.length > 0 ? Math.min(...starts) : undefined,
    endedAt: phase === 'running' || ends.length === 0 ? undefined : Math.max(...ends),
  };
}

function stepPhase(resources: readonly ResourceView[]): Phase {
  const has = (phase: Phase) => resources.some((resource) => resource.phase === phase);
  if (has('running')) return 'running';
  if (has('failed')) return 'failed';
  if (!has('waiting')) return 'done';
  return has('done') ? 'running' : 'waiting';
}

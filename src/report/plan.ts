/** How a plan is shown: as text for people, as one document for machines. Built from plain data by whoever plans. */
import type { ChangeAction, StepName } from '../engine/resource.ts';
import { formatDuration } from '../shared/clock.ts';
import type { Paint } from './colour.ts';
import { plural } from './wording.ts';

export interface PlanItemView {
  /** The resource, e.g. `consumer-2/workgroup`. */
  readonly id: string;
  readonly step: StepName;
  /** For people: `workgroup airline-dev-consumer-2`. */
  readonly title: string;
  readonly action: ChangeAction;
  /** What exactly, e.g. `baseCapacity 32 → 64`. */
  readonly changes: readonly string[];
  readonly why?: string | undefined;
  /** Who is interrupted by it. */
  readonly interrupts?: string | undefined;
}

export interface PlanView {
  /** `airline-dev` */
  readonly environment: string;
  readonly account: string;
  readonly region: string;
  readonly items: readonly PlanItemView[];
  /** What else there is to know: what was not checked, which setting has no effect. */
  readonly notices: readonly string[];
  /** How long it will take, ms of AWS time; absent where nothing is known. */
  readonly estimateMs?: number | undefined;
  /** What the environment will cost, e.g. `about 41 $ a month when idle`. */
  readonly cost?: string | undefined;
}

const signs: Readonly<Record<ChangeAction, string>> = {
  create: '+',
  update: '~',
  replace: '±',
  delete: '-',
  register: '+',
  deregister: '-',
  sql: '»',
};

/** How many changes of each kind there are; kinds without any are left out. */
export function countActions(items: readonly PlanItemView[]): Partial<Record<ChangeAction, number>> {
  const counts: Partial<Record<ChangeAction, number>> = {};
  for (const { action } of items) counts[action] = (counts[action] ?? 0) + 1;
  return counts;
}

export function planText(view: PlanView, paint: Paint): string {
  const lines = [`${paint.bold(view.environment)} in ${view.region}, account ${view.account}`];
  for (const [step, items] of byStep(view.items)) {
    lines.push('', paint.bold(step), ...items.flatMap((item) => itemLines(item, paint)));
  }
  lines.push(...(view.items.length > 0 ? [''] : []), summary(view));
  if (view.cost) lines.push(view.cost);
  for (const notice of view.notices) lines.push(`${paint.yellow('!')} ${notice}`);
  return lines.join('\n');
}

function byStep(items: readonly PlanItemView[]): Map<StepName, PlanItemView[]> {
  const steps = new Map<StepName, PlanItemView[]>();
  for (const item of items) steps.set(item.step, [...(steps.get(item.step) ?? []), item]);
  return steps;
}

function itemLines(item: PlanItemView, paint: Paint): string[] {
  const colour = colourOf(item.action, paint);
  const lines = [
    `  ${colour(signs[item.action])} ${colour(item.action.padEnd(10))} ${item.title}  ${paint.dim(item.id)}`,
  ];
  for (const change of item.changes) if (change !== item.title) lines.push(`      ${change}`);
  if (item.why) lines.push(`      why: ${item.why}`);
  if (item.interrupts) lines.push(`      ${paint.yellow(`interrupts: ${item.interrupts}`)}`);
  return lines;
}

function colourOf(action: ChangeAction, paint: Paint): (text: string) => string {
  if (action === 'create' || action === 'register') return paint.green;
  if (action === 'delete' || action === 'deregister') return paint.red;
  return action === 'replace' ? paint.magenta : paint.yellow;
}

const counted: Readonly<Record<ChangeAction, string>> = {
  create: 'to create',
  update: 'to update',
  replace: 'to replace',
  delete: 'to delete',
  register: 'to register',
  deregister: 'to deregister',
  sql: 'to set up by SQL',
};

function summary(view: PlanView): string {
  if (view.items.length === 0) return 'nothing to do: everything is as described';
  const counts = Object.entries(countActions(view.items)) as [ChangeAction, number][];
  const parts = counts.map(([action, count]) => `${count} ${counted[action]}`);
  const time = view.estimateMs === undefined ? '' : `; about ${formatDuration(view.estimateMs)}`;
  return `${plural(view.items.length, 'change')}: ${parts.join(', ')}${time}`;
}

/** The same as one JSON document (its `version` is added by the output). */
export function planDocument(view: PlanView): object {
  return { ...view, changes: view.items.length, counts: countActions(view.items) };
}

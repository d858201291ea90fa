/** How a plan is shown: as text for people, as one document for machines. Built from plain data by whoever plans. */
import type { ChangeAction, StepName } from '../engine/resource.ts';
import { formatDuration } from '../shared/clock.ts';
import type { Paint } from './colour.ts';
import { wrap } from './error.ts';
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

/** With `columns`, lines are broken at words. */
export function planText(view: PlanView, paint: Paint, columns = Number.POSITIVE_INFINITY): string {
  const lines = [`${paint.bold(view.environment)} in ${view.region}, account ${view.account}`];
  for (const [step, items] of byStep(view.items)) {
    lines.push('', paint.bold(step), ...items.flatMap((item) => itemLines(item, paint, columns)));
  }
  lines.push(...(view.items.length > 0 ? [''] : []), ...wrap(summary(view), columns));
  if (view.cost) lines.push(...wrap(view.cost, columns));
  for (const notice of view.notices) lines.push(`${paint.yellow('!')} ${wrap(notice, columns - 2).join('\n  ')}`);
  return lines.join('\n');
}

function byStep(items: readonly PlanItemView[]): Map<StepName, PlanItemView[]> {
  const steps = new Map<StepName, PlanItemView[]>();
  for (const item of items) steps.set(item.step, [...(steps.get(item.step) ?? []), item]);
  return steps;
}

const deep = ' '.repeat(6);
const titleAt = 15;

function itemLines(item: PlanItemView, paint: Paint, columns: number): string[] {
  const colour = colourOf(item.action, paint);
  const { head, more } = said(item, columns - titleAt - item.id.length - 2);
  const lines = [`  ${colour(signs[item.action])} ${colour(item.action.padEnd(10))} ${head}`];
  if (titleAt + head.length + 2 + item.id.length <= columns) lines[0] += `  ${paint.dim(item.id)}`;
  else lines.push(`${deep}${paint.dim(item.id)}`);
  const below = (text: string, pen = (line: string) => line) =>
    lines.push(...wrap(text, columns - deep.length).map((line) => `${deep}${pen(line)}`));
  for (const change of more) below(change);
  if (item.why) below(`why: ${item.why}`);
  if (item.interrupts) below(`interrupts: ${item.interrupts}`, paint.yellow);
  return lines;
}

/** Nothing is said twice: what a change repeats of action and title is left out, and a short rest stays on the line. */
function said({ action, title, changes }: PlanItemView, room: number): { head: string; more: readonly string[] } {
  const [first = '', ...others] = changes;
  const same = `${action} ${title}`;
  if (first === title || first === same) return { head: title, more: others };
  if (!first.startsWith(same)) return { head: title, more: changes };
  const rest = first.slice(same.length);
  if (rest.length <= restMax && title.length + rest.length <= room) return { head: `${title}${rest}`, more: others };
  return { head: title, more: [rest.replace(/^[,:]? /, ''), ...others] };
}

/** Longer than this it has a line of its own. */
const restMax = 30;

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

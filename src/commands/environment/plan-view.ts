/** A plan of the engine → what is shown of it. */
import { measureKind, usualMs } from '../../engine/history.ts';
import type { Plan, PlanItem } from '../../engine/plan.ts';
import { isDone } from '../../engine/plan.ts';
import type { Resource } from '../../engine/resource.ts';
import { costLines, lookPrice } from '../../model/cost.ts';
import type { PlanItemView, PlanView } from '../../report/plan.ts';
import { lookTitle } from '../../steps/datashare/sql-resource.ts';
import type { Session } from './session.ts';

export function planView(plan: Plan, session: Session, notices: readonly string[] = []): PlanView {
  const { config, account } = session;
  const items = plan.items.flatMap(itemView);
  // `down` makes something, too: the final snapshot. What is being removed has no price to tell.
  const creates = plan.items.some(({ goal, changes }) => goal === 'present' && changes[0]?.action === 'create');
  const cost = [...sqlPrice(plan, session), ...(creates ? costLines(config) : [])];
  return {
    environment: `${config.project}-${config.environment}`,
    account,
    region: config.region,
    items,
    notices,
    ...(items.length > 0 ? { estimateMs: estimate(plan, session) } : {}),
    ...(cost.length > 0 ? { cost: cost.join('\n') } : {}),
  };
}

/** One row a resource: the first change's action, all changes' titles; that SQL looks first is what `sql` means. What only waits has a row of its own, too. */
function itemView(item: PlanItem): PlanItemView[] {
  const { resource, changes, settled } = item;
  const [first] = changes;
  const base = { id: resource.id, step: resource.step, title: resource.title };
  if (first) {
    const { why, interrupts } = first;
    const titles = changes.map(({ title }) => title).filter((title) => title !== lookTitle);
    return [{ ...base, action: first.action, changes: titles, why, interrupts }];
  }
  if (isDone(item)) return [];
  const status = settled?.is === 'pending' || settled?.is === 'broken' ? settled.status : 'there';
  return [{ ...base, action: item.goal === 'present' ? 'update' : 'delete', changes: [`wait: it is ${status}`] }];
}

/** SQL on a sleeping warehouse bills at least a minute: all of one warehouse's statements count as one wake. */
function sqlPrice({ items }: Plan, { config, desired }: Session): string[] {
  const woken = new Set(items.flatMap(({ changes }) => changes.flatMap(({ wakes }) => wakes ?? [])));
  const warehouses = [desired.producer, ...desired.consumers, ...desired.workloads].filter(({ name }) =>
    woken.has(name),
  );
  const sizes = warehouses.map(({ baseCapacity }) => baseCapacity);
  return sizes.length === 0 ? [] : [`SQL ${lookPrice(config.region, ...sizes)}`];
}

/**
 * The longest chain of what is to be made, where each takes what is usual, and workgroups go one after the other as
 * far as the lane makes them.
 */
function estimate(plan: Plan, { ledger, config }: Session): number {
  const { measured } = ledger.document();
  const open = new Map(plan.items.filter((item) => !isDone(item)).map((item) => [item.resource, item]));
  const timeOf = (resource: Resource): number => {
    const item = open.get(resource);
    if (!item) return 0;
    const action = item.changes[0]?.action ?? (item.goal === 'present' ? 'create' : 'delete');
    return usualMs(measured, measureKind(resource.kind, action)) ?? resource.usualMs ?? 20_000;
  };
  const laned = [...open.values()].filter(
    ({ resource, changes }) => resource.laned && changes.some(({ lane }) => lane),
  );
  const serial = laned.reduce((sum, { resource }) => sum + timeOf(resource), 0) / config.workgroupConcurrency;
  const chains = new Map<Resource, number>();
  const chainOf = (resource: Resource): number => {
    const known = chains.get(resource);
    if (known !== undefined) return known;
    const length = timeOf(resource) + Math.max(0, ...resource.needs.map(chainOf));
    chains.set(resource, length);
    return length;
  };
  const longest = Math.max(0, ...[...open.keys()].map(chainOf));
  const lastOfLane = Math.max(0, ...laned.map(({ resource }) => timeOf(resource)));
  return laned.length > 1 ? longest + serial - lastOfLane : longest;
}

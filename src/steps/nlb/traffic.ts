/**
 * The traffic that a leaving consumer still has. It stands between the target and everything behind it: nothing of a
 * consumer is taken away before its connections have drained.
 */
import type { Look, Resource, ResourceId, Settled } from '../../engine/resource.ts';
import type { Warehouse } from '../../model/desired.ts';
import type { StepContext } from '../changes.ts';
import type { EndpointSeen } from '../endpoints/index.ts';
import type { WorkgroupSeen } from '../warehouse/workgroup.ts';
import { drainTimeoutMs, metricsEveryMs, openConnections, settlingMs } from './connections.ts';
import type { TargetGroupSeen } from './target-group.ts';

export type Traffic =
  /** Still a target of the load balancer. */
  | { readonly state: 'registered' }
  /** New connections may still arrive, whatever the delay is set to (F-691). */
  | { readonly state: 'settling' }
  | { readonly state: 'busy'; readonly connections: number };

export interface TrafficOptions {
  readonly warehouse: Warehouse;
  readonly workgroup: Resource<WorkgroupSeen>;
  readonly endpoint: Resource<EndpointSeen>;
  readonly targetGroup: Resource<TargetGroupSeen>;
  /** What else must stay while queries run: the grant of the data they read. */
  readonly keeps: readonly Resource[];
  /** How long its connections may take, ms of AWS's time; default a quarter of an hour. */
  readonly timeoutMs?: number | undefined;
}

/** Only for a consumer that is to go. */
export function traffic({ aws, desired }: StepContext, options: TrafficOptions): Resource<Traffic> {
  const { warehouse, workgroup, endpoint, targetGroup, keeps, timeoutMs = drainTimeoutMs } = options;
  const { port } = desired.config.loadBalancer;
  const id: ResourceId = `${warehouse.short}/traffic`;
  /** ms of AWS time; a resumed run counts anew, which is safe. */
  let deregisteredAt: number | undefined;
  let asked: { readonly at: number; readonly connections: number } | undefined;

  return {
    id,
    step: 'nlb',
    kind: 'traffic',
    title: `traffic of ${warehouse.short}`,
    needs: [targetGroup, endpoint, workgroup, ...keeps],
    usualMs: settlingMs,
    settleTimeoutMs: settlingMs + timeoutMs,
    async observe(look) {
      if (look.seen(workgroup) === undefined) return undefined;
      if (await isRegistered(look)) return { state: 'registered' };
      const now = aws.now() ?? 0;
      deregisteredAt ??= now;
      if (now - deregisteredAt < settlingMs) return { state: 'settling' };
      const connections = await connectionsAt(now);
      return connections > 0 ? { state: 'busy', connections } : undefined;
    },
    changes: () => [],
    // It ends by itself.
    removal: () => [],
    settled,
  };

  async function isRegistered(look: Look): Promise<boolean> {
    const group = look.seen(targetGroup);
    const addresses = look.seen(endpoint)?.addresses ?? [];
    if (!group) return false;
    const health = await look.once('elb/targets', () => aws.elb.targetHealth(group.arn));
    return health.some(({ Target }) => addresses.includes(Target?.Id ?? '') && Target?.Port === port);
  }

  /** The latest figure of any metric that speaks of work; 0 where there is none, as an idle warehouse sends nothing. */
  async function connectionsAt(now: number): Promise<number> {
    if (!asked || now - asked.at >= metricsEveryMs)
      asked = { at: now, connections: await openConnections(aws, warehouse.name, now) };
    return asked.connections;
  }
}

function settled(seen: Traffic): Settled {
  switch (seen.state) {
    case 'registered':
      return { is: 'pending', status: 'registered', why: 'it is taken from the load balancer first' };
    case 'settling':
      return { is: 'pending', status: 'draining', why: 'new connections may still arrive for up to three minutes' };
    case 'busy':
      return { is: 'pending', status: 'busy', why: `${seen.connections} connections or queries are still open` };
  }
}

/**
 * The traffic that a leaving consumer still has. It stands between the target and everything behind it: nothing of a
 * consumer is taken away before its connections have drained.
 */
import type { Known, Look, Resource, ResourceId, Settled } from '../../engine/resource.ts';
import type { Warehouse } from '../../model/desired.ts';
import { change, needed, type StepContext } from '../changes.ts';
import { adminTarget } from '../datashare/warehouse.ts';
import type { EndpointSeen } from '../endpoints/index.ts';
import type { NamespaceSeen } from '../warehouse/namespace.ts';
import type { WorkgroupSeen } from '../warehouse/workgroup.ts';
import { settlingMs } from './connections.ts';
import { Drain, type DrainHow, type Draining } from './drain.ts';
import type { TargetGroupSeen } from './target-group.ts';

/** Still a target of the load balancer, or on its way to having no clients. */
export interface Traffic {
  readonly state: 'registered' | Exclude<Draining, 'quiet'>;
}

export interface TrafficOptions {
  readonly warehouse: Warehouse;
  readonly namespace: Resource<NamespaceSeen>;
  readonly workgroup: Resource<WorkgroupSeen>;
  readonly endpoint: Resource<EndpointSeen>;
  readonly targetGroup: Resource<TargetGroupSeen>;
  /** What else must stay while queries run: the grant of the data they read. */
  readonly keeps: readonly Resource[];
  readonly how: DrainHow;
}

/** Only for a consumer that is to go. */
export function traffic({ aws, desired }: StepContext, options: TrafficOptions): Resource<Traffic> {
  const { warehouse, namespace, workgroup, endpoint, targetGroup, keeps, how } = options;
  const { port } = desired.config.loadBalancer;
  const { short } = warehouse;
  const id: ResourceId = `${short}/traffic`;
  const drain = new Drain(aws, warehouse, how);
  let nobodyLeft = false;

  return {
    id,
    step: 'nlb',
    kind: 'traffic',
    title: `traffic of ${short}`,
    needs: [targetGroup, endpoint, workgroup, namespace, ...keeps],
    usualMs: settlingMs,
    settleTimeoutMs: drain.timeoutMs,
    async observe(look) {
      if (nobodyLeft || !answers(look)) return undefined;
      if (await isRegistered(look)) return { state: 'registered' };
      const state = await drain.state();
      return state === 'quiet' ? undefined : { state };
    },
    changes: () => [],
    removal: ({ state }, known) => (state === 'unclear' ? [lookBySql(known)] : []),
    settled,
  };

  /** What is not there yet, or no more, has no clients. */
  function answers(known: Known): boolean {
    const status = known.seen(workgroup)?.status;
    return status !== undefined && status !== 'CREATING' && status !== 'DELETING';
  }

  async function isRegistered(look: Look): Promise<boolean> {
    const group = look.seen(targetGroup);
    const addresses = look.seen(endpoint)?.addresses ?? [];
    if (!group) return false;
    const health = await look.once('elb/targets', () => aws.elb.targetHealth(group.arn));
    return health.some(({ Target }) => addresses.includes(Target?.Id ?? '') && Target?.Port === port);
  }

  function lookBySql(known: Known) {
    const title = `see by SQL who is still connected to ${short}, and let them end`;
    const apply = change('sql', title, async (io) => {
      const target = adminTarget({ warehouse, namespace, workgroup }, known);
      await drain.finish(io, needed(target, `the administrator's secret of ${short}`));
      nobodyLeft = true;
    });
    return { ...apply, wakes: warehouse.name };
  }
}

function settled({ state }: Traffic): Settled {
  switch (state) {
    case 'registered':
      return { is: 'pending', status: 'registered', why: 'it is taken from the load balancer first' };
    case 'settling':
      return { is: 'pending', status: 'draining', why: 'new connections may still arrive for up to three minutes' };
    case 'listening':
      return { is: 'pending', status: 'draining', why: 'CloudWatch tells within minutes whether anybody is connected' };
    case 'unclear':
      return { is: 'pending', status: 'busy', why: 'somebody may still be connected' };
  }
}

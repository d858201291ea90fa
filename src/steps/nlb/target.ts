import type { TargetHealthDescription } from '@aws-sdk/client-elastic-load-balancing-v2';
import { goneIsFine } from '../../aws/paging.ts';
import type { Change, Json, Known, Look, Resource, ResourceId, Settled } from '../../engine/resource.ts';
import type { Warehouse } from '../../model/desired.ts';
import { change, needed, type StepContext } from '../changes.ts';
import { addressesOf, type EndpointSeen } from '../endpoints/index.ts';
import { endpointsOf } from '../warehouse/lists.ts';
import type { ListenerSeen } from './listener.ts';
import type { Rotation } from './rotation.ts';
import type { TargetGroupSeen } from './target-group.ts';

export interface Registration {
  readonly address: string;
  readonly port: number;
  /** initial, healthy, unhealthy, unhealthy.draining, unused, draining, unavailable. */
  readonly state: string;
  readonly reason: string | undefined;
}

export interface TargetSeen {
  readonly targetGroupArn: string;
  /** At the address that the endpoint has now; undefined while only old ones are registered. */
  readonly current: Registration | undefined;
  /** Of this consumer, at addresses that its endpoint no longer has. */
  readonly stale: readonly Registration[];
  /** How many of the consumers that stay are healthy; undefined for one that stays itself. */
  readonly healthyOthers: number | undefined;
}

/** How a consumer leaves a pool that stays. */
export interface Leaving {
  /** What ends after it is deregistered, and before anything else goes. */
  readonly traffic: readonly Resource[];
  /** The endpoints of those that stay, by name. */
  readonly staying: readonly string[];
  /** So many of them must be healthy before it is deregistered. */
  readonly minHealthy: number;
}

export interface TargetOptions {
  readonly warehouse: Warehouse;
  readonly targetGroup: Resource<TargetGroupSeen>;
  readonly listener: Resource<ListenerSeen>;
  readonly endpoint: Resource<EndpointSeen>;
  /** Proves that the consumer's shared database answers: nothing is admitted before. */
  readonly check: Resource | undefined;
  /** Of a consumer that leaves a pool which stays. */
  readonly leaving?: Leaving | undefined;
  /** Is told when the consumer is healthy. */
  readonly rotation?: Pick<Rotation, 'back'>;
}

/** On its way out. `unhealthy.draining` is not: such a target is still registered and comes back by itself (F-689). */
const leaves = ({ state }: Registration) => state === 'draining';

/** One consumer behind the load balancer: the address of its endpoint in the target group. */
export function target(context: StepContext, options: TargetOptions): Resource<TargetSeen> {
  const { desired, aws } = context;
  const { warehouse, targetGroup, listener, endpoint, check, leaving, rotation } = options;
  const { port, healthCheckSeconds } = desired.config.loadBalancer;
  const { short } = warehouse;
  const id: ResourceId = `${short}/target`;
  const title = `target ${short}`;

  return {
    id,
    step: 'nlb',
    kind: 'target',
    title,
    needs: [targetGroup, listener, endpoint, ...(leaving?.traffic ?? []), ...(check ? [check] : [])],
    // Registration, then the first check of the interval.
    usualMs: 25_000 + healthCheckSeconds * 500,
    // One that goes may wait for another that is made first: workgroup, endpoint, data, health.
    settleTimeoutMs: (leaving ? 45 : 10) * 60_000,
    async observe(look) {
      const group = look.seen(targetGroup);
      if (!group) return undefined;
      const health = await look.once('elb/targets', () => aws.elb.targetHealth(group.arn));
      const registered = health.map(registrationOf);
      const addresses = look.seen(endpoint)?.addresses ?? [];
      const current = registered.find((one) => addresses.includes(one.address) && one.port === port);
      if (current?.state === 'healthy') rotation?.back(short);
      const stale = (await staleOf(look, registered)).filter((one) => one !== current);
      if (!current && stale.length === 0) return undefined;
      const healthyOthers = leaving && (await healthyAmong(look, leaving, registered));
      return { targetGroupArn: group.arn, current, stale, healthyOthers };
    },
    changes(seen, known) {
      const address = known.seen(endpoint)?.addresses[0];
      const where = address ?? 'the address of its endpoint';
      const active = seen?.current && !leaves(seen.current);
      return [
        ...(active ? [] : [change('register', `register ${short} at ${where}:${port}`, () => register(known))]),
        ...(active ? staleChanges(seen) : []),
      ];
    },
    removal: (seen) => [
      ...(seen.current && !isNeeded(seen) ? deregistration(seen.targetGroupArn, seen.current) : []),
      ...staleChanges(seen),
    ],
    settled: (seen, goal) => (goal === 'present' ? admitted(seen) : isNeeded(seen) ? stays(seen) : drained(seen)),
    remember: ({ current }) => (current ? { id: current.address, port: current.port } : {}),
  };

  async function register(known: Known): Promise<void> {
    const { arn } = needed(known.seen(targetGroup), targetGroup.title);
    const address = needed(known.seen(endpoint)?.addresses[0], `the address of ${endpoint.title}`);
    await aws.elb.registerTargets(arn, [{ Id: address, Port: port }]);
  }

  async function healthyAmong(look: Look, { staying }: Leaving, registered: readonly Registration[]): Promise<number> {
    const theirs = (await endpointsOf(context, look))
      .filter(({ endpointName = '' }) => staying.includes(endpointName))
      .flatMap(addressesOf);
    return registered.filter((one) => one.state === 'healthy' && theirs.includes(one.address)).length;
  }

  /** Without it, too few would be left for clients. */
  function isNeeded({ current, healthyOthers }: TargetSeen): boolean {
    return leaving !== undefined && current?.state === 'healthy' && (healthyOthers ?? 0) < leaving.minHealthy;
  }

  function stays({ healthyOthers = 0 }: TargetSeen): Settled {
    const others = `${healthyOthers} of the consumers that stay ${healthyOthers === 1 ? 'is' : 'are'} healthy`;
    return { is: 'pending', status: 'needed', why: `${others}, ${leaving?.minHealthy} must be before ${short} goes` };
  }

  /**
   * Of this consumer by what the ledger recorded, or at another port of its endpoint's address. AWS gives addresses
   * out again: one that an endpoint of somebody else has by now is not this consumer's any more.
   */
  async function staleOf(look: Look, registered: readonly Registration[]): Promise<Registration[]> {
    const recorded = recordedAddress(look.recorded(id));
    const own = look.seen(endpoint)?.addresses ?? [];
    const former = registered.filter(({ address }) => address === recorded && !own.includes(address));
    const taken = former.length === 0 ? [] : (await endpointsOf(context, look)).flatMap(addressesOf);
    return registered.filter(
      (one) => own.includes(one.address) || (former.includes(one) && !taken.includes(one.address)),
    );
  }

  function staleChanges({ targetGroupArn, stale }: TargetSeen): Change[] {
    return stale.flatMap((one) => deregistration(targetGroupArn, one));
  }

  function deregistration(arn: string, registration: Registration): Change[] {
    const { address, port: at } = registration;
    if (leaves(registration)) return [];
    const apply = () => goneIsFine(aws.elb.deregisterTargets(arn, [{ Id: address, Port: at }]));
    return [change('deregister', `deregister ${short} at ${address}:${at}`, apply)];
  }
}

function recordedAddress(recorded: Readonly<Record<string, Json>> | undefined): string | undefined {
  const address = recorded?.id;
  return typeof address === 'string' ? address : undefined;
}

function registrationOf({ Target, TargetHealth }: TargetHealthDescription): Registration {
  return {
    address: Target?.Id ?? '',
    port: Target?.Port ?? 0,
    state: TargetHealth?.State ?? '',
    reason: TargetHealth?.Reason,
  };
}

function admitted({ current, stale }: TargetSeen): Settled {
  // An old address that drains holds nothing up: new connections don't go there.
  if (!current) return { is: 'settled', status: `${stale.length} old` };
  // One that drains does not come back by itself: `changes` registers it again.
  if (current.state === 'healthy' || leaves(current)) return { is: 'settled', status: current.state };
  return { is: 'pending', status: current.state, ...explain(current) };
}

function drained({ current, stale }: TargetSeen): Settled {
  const status = current?.state ?? stale[0]?.state ?? 'gone';
  return { is: 'pending', status, why: 'connections that are open may end their queries' };
}

/** What AWS's reason means here (F-683). */
function explain({ state, reason }: Registration): { why?: string } {
  if (state === 'unused') return { why: 'no listener forwards here yet, or its zone is not one of the load balancer' };
  if (state.startsWith('unhealthy'))
    return { why: `${reason ?? 'no reason given'}: the endpoint does not answer; see its security group` };
  return reason === undefined ? {} : { why: reason };
}

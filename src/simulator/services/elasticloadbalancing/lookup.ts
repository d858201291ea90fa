/**
 * What a real TCP listener in front of a simulated load balancer needs to know: where it listens, how long it keeps
 * silent connections, and who may answer. It asks anew for each connection; nothing here is kept.
 */
import type { Place } from '../../world.ts';
import { dropDrained, healthOf, isCrossZone } from './health.ts';
import { dnsNameOf } from './load-balancers.ts';
import type { ListenerRecord, LoadBalancerRecord } from './records.ts';
import { elbState } from './state.ts';

export interface RoutedTarget {
  readonly address: string;
  readonly port: number;
  readonly zone: string;
  readonly state: string;
}

export interface RoutedListener {
  readonly listenerArn: string;
  readonly loadBalancerArn: string;
  readonly loadBalancerName: string;
  readonly dnsName: string;
  readonly protocol: string;
  readonly port: number;
  readonly active: boolean;
  readonly vpcId: string;
  readonly securityGroups: readonly string[];
  /** The load balancer's own addresses, one a zone. */
  readonly nodes: readonly { readonly zone: string; readonly address: string }[];
  readonly idleTimeoutMs: number;
  readonly crossZone: boolean;
  /** Draining ones included: they keep their connections and get no new ones. */
  readonly targets: readonly RoutedTarget[];
}

/** All listeners of the region, as they route at this moment. */
export function routedListeners(place: Place): RoutedListener[] {
  const { listeners, loadBalancers } = elbState(place);
  return Object.values(listeners).flatMap((listener) => {
    const balancer = loadBalancers[listener.loadBalancerArn];
    return balancer ? [routed(place, balancer, listener)] : [];
  });
}

function routed(place: Place, balancer: LoadBalancerRecord, listener: ListenerRecord): RoutedListener {
  const group = elbState(place).targetGroups[listener.targetGroupArn];
  if (group) dropDrained(place, group);
  return {
    listenerArn: listener.arn,
    loadBalancerArn: balancer.arn,
    loadBalancerName: balancer.name,
    dnsName: dnsNameOf(place, balancer),
    protocol: listener.protocol,
    port: listener.port,
    active: balancer.activeAt !== undefined,
    vpcId: balancer.vpcId,
    securityGroups: [...balancer.securityGroups],
    nodes: balancer.zones.map(({ zoneName: zone, address }) => ({ zone, address })),
    idleTimeoutMs: Number(listener.attributes['tcp.idle_timeout.seconds']) * 1000,
    crossZone: group !== undefined && isCrossZone(balancer, group),
    targets: (group?.targets ?? []).map((target) => ({
      address: target.address,
      port: target.port,
      zone: target.zone,
      state: (group && healthOf(place, group, target).State) ?? 'unavailable',
    })),
  };
}

/** Consumers that nobody hears although all is in order with them, when they are all that is in a zone. */

import type { Attempt } from '../../probe/plan.ts';
import { inWords } from '../../steps/changes.ts';
import { pathGaps } from '../checks/endpoint-path.ts';
import { ownTargets } from '../checks/target.ts';
import { zoneOf } from '../checks/zone.ts';
import type { Examined, Observations } from '../observations.ts';
import { ifRead } from '../reading.ts';
import { awsCli, endpointOf, rsds, wantedConsumers, workgroupOf } from '../selectors.ts';
import { sharesOf } from './evidence.ts';
import type { Advice } from './reader-fault.ts';

export interface SilentZone {
  readonly zone: string;
  readonly shorts: readonly string[];
  readonly advice: Advice;
}

/** Only where consumers of other zones answered: else the zone is not what they have in common. */
export function silentZones(seen: Observations, attempts: readonly Attempt[]): SilentZone[] {
  const answering = new Set(sharesOf(seen, attempts).flatMap(({ short, count }) => (count > 0 ? [short] : [])));
  const zones = new Map<string, Examined[]>();
  for (const one of wantedConsumers(seen)) {
    const zone = zoneOf(seen, one.warehouse)?.zone;
    if (zone !== undefined) zones.set(zone, [...(zones.get(zone) ?? []), one]);
  }
  return [...zones]
    .filter(([, members]) => members.every((one) => !answering.has(one.warehouse.short) && isUnheard(seen, one)))
    .filter(() => answering.size > 0)
    .map(([zone, members]) => {
      const shorts = members.map(({ warehouse }) => warehouse.short);
      return { zone, shorts, advice: adviceFor(seen, zone, shorts) };
    });
}

/** One consumer that is alone in its zone may be what is at fault itself. */
function adviceFor(seen: Observations, zone: string, shorts: readonly string[]): Advice {
  const well = 'workgroup, endpoint and security groups are in order, and consumers of other zones answer';
  const look = awsCli(seen, `ec2 describe-availability-zones --zone-names ${zone}`);
  const [only] = shorts;
  if (shorts.length === 1 && only !== undefined) {
    return {
      cause: `${well}: the zone ${zone}, in which it is alone, is out, a network ACL drops what comes, or the warehouse takes no connections`,
      remedy: `${look}\n${rsds(seen, `replace ${only}`)}`,
    };
  }
  return {
    cause: `${well}: the zone ${zone} is out, with ${inWords(shorts)}, or a network ACL of its subnets drops what comes`,
    remedy: look,
  };
}

/** No health check gets an answer, and nothing that the control plane shows is the reason. */
function isUnheard(seen: Observations, { warehouse }: Examined): boolean {
  const { port } = seen.desired.config.loadBalancer;
  const target = ifRead(ownTargets(seen, warehouse))?.current;
  const endpoint = ifRead(endpointOf(seen, warehouse));
  const gaps = ifRead(pathGaps(seen, warehouse));
  const silent = target?.state === 'unhealthy' && target.reason === 'Target.Timeout';
  const stands = ifRead(workgroupOf(seen, warehouse))?.status === 'AVAILABLE' && endpoint?.status === 'ACTIVE';
  return silent && stands && gaps?.length === 0 && (endpoint.port ?? port) === port;
}

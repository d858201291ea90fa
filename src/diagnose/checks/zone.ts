import type { Warehouse } from '../../model/desired.ts';
import { pool, type WarehouseCheck } from '../check.ts';
import type { Observations } from '../observations.ts';
import { together } from '../reading.ts';
import { endpointOf, mend } from '../selectors.ts';

/** A target in a zone that is not enabled for the load balancer gets no connections (F-683). */
export const zone: WarehouseCheck = {
  name: 'zone',
  question: 'Is the zone of the endpoint one of the load balancer?',
  roles: pool,
  findings(seen, say, { warehouse }) {
    const read = together({ balancer: seen.balancer, endpoint: endpointOf(seen, warehouse) });
    if ('unread' in read) return [say.unchecked(read.unread)];
    const found = zoneOf(seen, warehouse);
    if (!found) return [];
    if (found.enabled) return [say.pass(`its zone ${found.zone} is one of the load balancer's`)];
    return [
      say.fail(`its endpoint is in ${found.zone}, which is not enabled for the load balancer`, {
        cause: `the load balancer has ${found.enabledZones.join(', ')}: its targets elsewhere are never used`,
        remedy: mend(seen),
      }),
    ];
  },
};

interface Placement {
  readonly zone: string;
  readonly enabled: boolean;
  readonly enabledZones: readonly string[];
}

/** Undefined where one of the two is missing or was not read. */
export function zoneOf(seen: Observations, warehouse: Warehouse): Placement | undefined {
  const read = together({ balancer: seen.balancer, endpoint: endpointOf(seen, warehouse) });
  if ('unread' in read) return undefined;
  const { balancer, endpoint } = read.value;
  const [first] = endpoint?.zones ?? [];
  if (!balancer || first === undefined) return undefined;
  const enabledZones = balancer.zones.map((one) => one.zone);
  return { zone: first, enabled: enabledZones.includes(first), enabledZones };
}

/** AWS's resolver, as an instance in a VPC finds it. */
import { endpointNames, resolvesNames } from '../services/ec2/instance-lookup.ts';
import { nodesOf } from '../services/elasticloadbalancing/forwarding.ts';
import { warehouseAddresses } from '../services/redshift-serverless/doors.ts';
import type { Place } from '../world.ts';

/** An address of AWS's in the internet, to which nothing leads from here (Assumption: any will do). */
const publicAddress = '198.51.100.10';

export type Resolved =
  | { readonly kind: 'found'; readonly addresses: readonly string[] }
  /** There is no such name. */
  | { readonly kind: 'unknown' }
  /** Nobody answers: the VPC has no DNS support. */
  | { readonly kind: 'unanswered' };

/** What a name means in a VPC: endpoints by their private names, AWS's own things, and the internet's (F-747). */
export function resolve(place: Place, vpcId: string, asked: string): Resolved {
  if (!resolvesNames(place, vpcId)) return { kind: 'unanswered' };
  const name = asked.toLowerCase().replace(/\.$/, '');
  const addresses =
    endpointNames(place, vpcId).get(name) ?? nodesOf(place, name) ?? warehouseAddresses(place, name) ?? outside(name);
  return addresses === undefined ? { kind: 'unknown' } : { kind: 'found', addresses };
}

const outside = (name: string) => (/^[a-z0-9-]+\.[a-z0-9-]+\.amazonaws\.com$/.test(name) ? [publicAddress] : undefined);

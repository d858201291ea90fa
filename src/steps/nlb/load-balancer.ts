import type { LoadBalancer } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Attributes } from '../../aws/elb.ts';
import { goneIsFine, orAbsent } from '../../aws/paging.ts';
import type { Tags } from '../../aws/tags.ts';
import type { Change, Known, Resource, Settled } from '../../engine/resource.ts';
import { isOurs, tagsFor } from '../../model/tags.ts';
import { change, needed, refuse, type StepContext } from '../changes.ts';
import { foreign, ownershipRecord, TagMemory, tagChanges } from '../ownership.ts';
import type { Network } from '../vpc/network.ts';
import type { SecurityGroupSeen } from '../vpc/security-group.ts';
import { attributeChanges } from './attributes.ts';

export interface LoadBalancerSeen {
  readonly arn: string;
  readonly dnsName: string;
  /** provisioning, active, active_impaired, failed. */
  readonly state: string;
  readonly reason: string | undefined;
  readonly type: string;
  readonly scheme: string;
  readonly subnetIds: readonly string[];
  readonly groupIds: readonly string[];
  readonly attributes: Attributes;
  readonly tags: Tags | undefined;
}

const id = 'nlb/load-balancer';

/** Internal, with its security group from the start: without one then, it could never get one (F-677). */
export function loadBalancer(
  context: StepContext,
  { network, group }: { network: Network; group: Resource<SecurityGroupSeen> },
): Resource<LoadBalancerSeen> {
  const { desired, aws } = context;
  const { config, names } = desired;
  const name = names.loadBalancer;
  const tags = tagsFor(config, id, name);
  const title = `load balancer ${name}`;
  const memory = new TagMemory(id, tags, async (arn) => (await aws.elb.tags([arn]))[arn] ?? {});
  // Each consumer has one address in one zone: without it a zone would use only its own consumers (F-678).
  const wanted = { 'load_balancing.cross_zone.enabled': String(config.loadBalancer.crossZone) };

  return {
    id,
    step: 'nlb',
    kind: 'load-balancer',
    title,
    needs: [group, ...network.subnets],
    usualMs: 160_000,
    async observe(look) {
      const found = await look.once('elb/load-balancer', () => aws.elb.loadBalancer(name));
      if (!found) return undefined;
      const arn = found.LoadBalancerArn ?? '';
      // It may vanish between these calls; then it is absent.
      const more = await orAbsent(Promise.all([memory.of(look, arn), aws.elb.loadBalancerAttributes(arn)]));
      if (!more) return undefined;
      const [read, attributes] = more;
      return read && !isOurs(config, read) ? foreign(title, config) : viewOf(found, attributes, read);
    },
    changes(seen, known) {
      const { crossZone } = config.loadBalancer;
      if (!seen)
        return [
          change('create', `create ${title}, internal, cross-zone ${crossZone ? 'on' : 'off'}`, () => create(known)),
        ];
      refuseReplacing(seen);
      return [
        ...groupChanges(seen, known),
        ...subnetChanges(seen, known),
        ...attributeChanges(seen.attributes, wanted, (some) => aws.elb.setLoadBalancerAttributes(seen.arn, some)),
        ...tagChanges(seen.tags, tags, (missing) => {
          memory.forget();
          return aws.elb.tag(seen.arn, missing);
        }),
      ];
    },
    removal: ({ arn }) => [
      change('delete', `delete ${title}`, () => goneIsFine(aws.elb.deleteLoadBalancer(arn)), {
        interrupts: 'every client that is connected through it',
      }),
    ],
    settled: settledBalancer,
    remember: ({ arn, dnsName }) => ({ ...ownershipRecord(arn, tags), dnsName }),
  };

  async function create(known: Known): Promise<void> {
    const answer = await aws.elb.createLoadBalancer(
      {
        Name: name,
        Type: 'network',
        Scheme: 'internal',
        IpAddressType: 'ipv4',
        Subnets: network.subnetIds(known),
        SecurityGroups: [needed(known.seen(group), group.title).groupId],
      },
      tags,
    );
    memory.set(answer.LoadBalancers?.[0]?.LoadBalancerArn);
  }

  function groupChanges({ arn, groupIds }: LoadBalancerSeen, known: Known): Change[] {
    const groupId = known.seen(group)?.groupId;
    if (groupId === undefined || (groupIds.length === 1 && groupIds[0] === groupId)) return [];
    const what = `security groups ${groupIds.join(', ')} → ${groupId}`;
    return [change('update', what, () => aws.elb.setSecurityGroups(arn, [groupId]))];
  }

  function subnetChanges({ arn, subnetIds }: LoadBalancerSeen, known: Known): Change[] {
    const wantedIds = network.subnetIds(known);
    const same = wantedIds.length === subnetIds.length && wantedIds.every((one) => subnetIds.includes(one));
    if (wantedIds.length === 0 || same) return [];
    const what = `subnets ${[...subnetIds].sort().join(', ')} → ${wantedIds.join(', ')}`;
    const interrupts = 'connections through a zone that is left are cut';
    return [change('update', what, () => aws.elb.setSubnets(arn, wantedIds), { interrupts })];
  }

  function refuseReplacing({ type, scheme, groupIds }: LoadBalancerSeen): void {
    const hint = `delete ${name} by hand and run the same command again: its address will change`;
    if (type !== 'network') refuse({ title }, `it is of type ${type}, not network`, hint);
    if (scheme !== 'internal') refuse({ title }, `it is ${scheme}, not internal`, hint);
    if (groupIds.length === 0) refuse({ title }, 'it has no security group and can never get one', hint);
  }
}

function viewOf(found: LoadBalancer, attributes: Attributes, tags: Tags | undefined): LoadBalancerSeen {
  return {
    arn: found.LoadBalancerArn ?? '',
    dnsName: found.DNSName ?? '',
    state: found.State?.Code ?? '',
    reason: found.State?.Reason,
    type: found.Type ?? '',
    scheme: found.Scheme ?? '',
    subnetIds: (found.AvailabilityZones ?? []).flatMap(({ SubnetId }) => SubnetId ?? []),
    groupIds: found.SecurityGroups ?? [],
    attributes,
    tags,
  };
}

function settledBalancer({ state, reason }: LoadBalancerSeen): Settled {
  if (state === 'active' || state === 'active_impaired') return { is: 'settled', status: state };
  if (state !== 'failed') return { is: 'pending', status: state };
  return {
    is: 'broken',
    status: state,
    reason: reason ?? 'AWS gives no reason',
    hint: 'delete it and run `rsds up` again',
  };
}

import type { Subnet } from '@aws-sdk/client-ec2';
import { goneIsFine } from '../../aws/paging.ts';
import { type Tags, tagRecord } from '../../aws/tags.ts';
import { Foreign, type Resource, type ResourceId } from '../../engine/resource.ts';
import { tagsFor } from '../../model/tags.ts';
import { RsdsError } from '../../shared/errors.ts';
import { change, needed, refuse, type StepContext } from '../changes.ts';
import { ownershipRecord, pick, tagChanges } from '../ownership.ts';
import type { VpcSeen } from './vpc.ts';

export interface SubnetSeen {
  readonly subnetId: string;
  readonly cidr: string;
  readonly zoneId: string;
  readonly state: string;
  readonly tags: Tags;
}

/** One private subnet a zone; `index` counts from 0. One that the configuration has no more can only be removed. */
export function subnet({ desired, aws }: StepContext, vpc: Resource<VpcSeen>, index: number): Resource<SubnetSeen> {
  const { config, names } = desired;
  const { subnetCidrs } = config.network;
  const cidr = subnetCidrs[index];
  const id: ResourceId = `vpc/subnet-${index + 1}`;
  const name = names.subnet(index);
  const tags = tagsFor(config, id, name);
  const title = `subnet ${name}`;

  const identify = ({ SubnetId = '', CidrBlock, Tags }: Subnet) => ({
    id: SubnetId,
    tags: tagRecord(Tags),
    named: cidr !== undefined && CidrBlock === cidr,
  });

  return {
    id,
    step: 'vpc',
    kind: 'subnet',
    title,
    needs: [vpc],
    usualMs: 5_000,
    async observe(look) {
      const vpcId = look.seen(vpc)?.vpcId;
      if (vpcId === undefined) return undefined;
      const all = await look.once('ec2/subnets', () => aws.ec2.describeSubnets({ 'vpc-id': [vpcId] }));
      const found = pick(config, id, all, { look, identify });
      if (found === undefined || found instanceof Foreign) return found;
      const { SubnetId = '', CidrBlock = '', AvailabilityZoneId = '', State = '', Tags } = found;
      return { subnetId: SubnetId, cidr: CidrBlock, zoneId: AvailabilityZoneId, state: State, tags: tagRecord(Tags) };
    },
    changes(seen, known) {
      if (cidr === undefined) return [];
      if (!seen) {
        const create = () => make(needed(known.seen(vpc), vpc.title).vpcId);
        return [change('create', `create ${title} ${cidr} in a zone of its own`, create)];
      }
      if (seen.cidr !== cidr) {
        refuse({ title }, `its addresses are ${seen.cidr}, network.subnetCidrs says ${cidr}`, cidrHint);
      }
      return tagChanges(seen.tags, tags, (missing) => aws.ec2.createTags(seen.subnetId, missing));
    },
    removal: ({ subnetId }) => [
      change('delete', `delete ${title} (${subnetId})`, () => goneIsFine(aws.ec2.deleteSubnet(subnetId))),
    ],
    settled: ({ state }) =>
      state === 'available' ? { is: 'settled', status: state } : { is: 'pending', status: state },
    remember: ({ subnetId }) => ownershipRecord(subnetId, tags),
  };

  async function make(vpcId: string): Promise<void> {
    const [zones, others] = await Promise.all([
      aws.ec2.describeZones(),
      aws.ec2.describeSubnets({ 'vpc-id': [vpcId] }),
    ]);
    const zone = chooseZone(index, {
      zones: zones.map(({ ZoneId = '' }) => ZoneId),
      taken: others.map(({ AvailabilityZoneId = '' }) => AvailabilityZoneId),
      wanted: subnetCidrs.length,
    });
    await aws.ec2.createSubnet({ VpcId: vpcId, CidrBlock: cidr, AvailabilityZoneId: zone }, tags);
  }
}

/**
 * The zone for the subnet of that index. Each has a zone of its own by its index, so that subnets made at the same time
 * don't meet in one; where that one is taken, the first that no other subnet stands in or will stand in.
 */
export function chooseZone(index: number, options: { zones: string[]; taken: string[]; wanted: number }): string {
  const zones = [...options.zones].sort();
  const free = (zone: string | undefined): zone is string => zone !== undefined && !options.taken.includes(zone);
  if (free(zones[index])) return zones[index];
  const zone = zones.slice(options.wanted).find(free) ?? zones.find(free);
  if (zone !== undefined) return zone;
  throw new RsdsError('preflight/zones', `the region has ${zones.length} usable zones, ${options.wanted} are needed`, {
    hint: 'give fewer network.subnetCidrs (two are enough without enhancedVpcRouting), or choose another region',
  });
}

const cidrHint = 'put the old addresses back, or run `rsds down` first: a subnet keeps the addresses it was made with';

import type { Vpc } from '@aws-sdk/client-ec2';
import type { DnsAttribute } from '../../aws/ec2.ts';
import { goneIsFine } from '../../aws/paging.ts';
import { type Tags, tagRecord } from '../../aws/tags.ts';
import type { Change, Resource } from '../../engine/resource.ts';
import { Foreign } from '../../engine/resource.ts';
import { tagsFor } from '../../model/tags.ts';
import { change, refuse, type StepContext } from '../changes.ts';
import { ownershipRecord, pick, tagChanges } from '../ownership.ts';

export interface VpcSeen {
  readonly vpcId: string;
  readonly cidr: string;
  readonly state: string;
  readonly dnsSupport: boolean;
  readonly dnsHostnames: boolean;
  readonly tags: Tags;
}

const id = 'vpc/vpc';

/** A VPC of our own, with both DNS attributes: endpoints are found by private names (F-656). */
export function vpc({ desired, aws }: StepContext): Resource<VpcSeen> {
  const { config, names } = desired;
  const { vpcCidr } = config.network;
  const tags = tagsFor(config, id, names.vpc);
  const title = `VPC ${names.vpc}`;

  const identify = ({ VpcId = '', Tags }: Vpc) => {
    const seen = tagRecord(Tags);
    return { id: VpcId, tags: seen, named: seen.Name === names.vpc };
  };
  const findAll = () => aws.ec2.describeVpcs();

  return {
    id,
    step: 'vpc',
    kind: 'vpc',
    title,
    needs: [],
    usualMs: 5_000,
    async observe(look) {
      const found = pick(config, id, await look.once('ec2/vpcs', findAll), { look, identify });
      if (found === undefined || found instanceof Foreign) return found;
      const vpcId = found.VpcId ?? '';
      const [dnsSupport, dnsHostnames] = await Promise.all([
        look.once('ec2/dns-support', () => aws.ec2.vpcAttribute(vpcId, 'enableDnsSupport')),
        look.once('ec2/dns-hostnames', () => aws.ec2.vpcAttribute(vpcId, 'enableDnsHostnames')),
      ]);
      const { CidrBlock: cidr = '', State: state = '' } = found;
      return { vpcId, cidr, state, dnsSupport, dnsHostnames, tags: tagRecord(found.Tags) };
    },
    changes(seen) {
      if (!seen) return [change('create', `create ${title} ${vpcCidr}`, create)];
      if (seen.cidr !== vpcCidr) {
        refuse({ title }, `its addresses are ${seen.cidr}, network.vpcCidr says ${vpcCidr}`, cidrHint);
      }
      return [
        // Support first: names for hosts are refused without it.
        ...dnsChanges(seen, 'enableDnsSupport', seen.dnsSupport),
        ...dnsChanges(seen, 'enableDnsHostnames', seen.dnsHostnames),
        ...tagChanges(seen.tags, tags, (missing) => aws.ec2.createTags(seen.vpcId, missing)),
      ];
    },
    removal: ({ vpcId }) => [
      change('delete', `delete ${title} (${vpcId})`, () => goneIsFine(aws.ec2.deleteVpc(vpcId))),
    ],
    settled: ({ state }) =>
      state === 'available' ? { is: 'settled', status: state } : { is: 'pending', status: state },
    remember: ({ vpcId }) => ownershipRecord(vpcId, tags),
  };

  /** EC2 takes no token for this call, so a repeated one looks first (F-657). */
  async function create(): Promise<void> {
    const tagged = await aws.ec2.describeVpcs({
      'tag:rsds:project': [config.project],
      'tag:rsds:environment': [config.environment],
      'tag:rsds:resource': [id],
    });
    if (tagged.length === 0) await aws.ec2.createVpc({ CidrBlock: vpcCidr }, tags);
  }

  function dnsChanges({ vpcId }: VpcSeen, attribute: DnsAttribute, on: boolean): Change[] {
    if (on) return [];
    return [change('update', `${attribute} off → on`, () => aws.ec2.setVpcAttribute(vpcId, attribute, true))];
  }
}

const cidrHint = 'put the old addresses back, or run `rsds down` first: a VPC keeps the addresses it was made with';

/** The VPC's address blocks: inside, apart, one a zone, large enough. */
import {
  addressDemand,
  type Cidr,
  contains,
  formatCidr,
  overlaps,
  parseCidr,
  smallestPrefix,
  usableAddresses,
} from '../../model/addresses.ts';
import { desire } from '../../model/desired.ts';
import { zonesIn } from '../complete.ts';
import type { Config } from '../config.ts';
import type { Rule } from './rule.ts';

const creates = ({ network }: Config): boolean => 'create' in network.vpc;

const block = (text: string): Cidr => parseCidr(text) ?? { first: 0, prefix: 32 };

/** VPCs and subnets have /16 to /28 (F-815). */
export const blockSizes: Rule = ({ config, fault, sound }) => {
  if (!creates(config)) return;
  const paths = ['network.vpcCidr', ...config.network.subnetCidrs.map((_, index) => `network.subnetCidrs[${index}]`)];
  const blocks = [config.network.vpcCidr, ...config.network.subnetCidrs];
  paths.forEach((path, index) => {
    const { prefix } = block(blocks[index] ?? '');
    if (!sound(path) || (prefix >= 16 && prefix <= 28)) return;
    fault('config/cidr', path, `is ${blocks[index]}, must be a block of /16 to /28`);
  });
};

/** Each subnet inside the VPC, none overlapping another. */
export const subnetPlaces: Rule = ({ config, fault, sound }) => {
  const { vpcCidr, subnetCidrs } = config.network;
  if (!creates(config) || !sound('network.vpcCidr', 'network.subnetCidrs')) return;
  subnetCidrs.forEach((text, index) => {
    const path = `network.subnetCidrs[${index}]`;
    if (!contains(block(vpcCidr), block(text))) {
      fault('config/cidr', path, `is ${text}, must lie inside vpcCidr ${vpcCidr}`);
    }
    const other = subnetCidrs.slice(0, index).find((earlier) => overlaps(block(earlier), block(text)));
    if (other !== undefined)
      fault('config/cidr', path, `is ${text}, must not overlap ${other}`, 'Give each zone a block of its own.');
  });
};

/** Three zones, two only where the region has no more and enhanced VPC routing is off (F-814). */
export const zones: Rule = ({ config, fault, sound }) => {
  const { subnetCidrs, subnetIds, enhancedVpcRouting } = config.network;
  const offered = zonesIn(config.region);
  if (!sound('region', 'network.enhancedVpcRouting')) return;
  if (enhancedVpcRouting && offered < 3) {
    const message = `is on, must be off in ${config.region}: it needs three zones and there are ${offered}`;
    fault('config/zones', 'network.enhancedVpcRouting', message, 'Remove it, or choose another region.');
    return;
  }
  const given = creates(config) ? subnetCidrs : subnetIds;
  const path = creates(config) ? 'network.subnetCidrs' : 'network.subnetIds';
  if (given === undefined || !sound(path)) return;
  if (given.length < offered) {
    const why = enhancedVpcRouting
      ? 'enhancedVpcRouting needs three zones'
      : `${config.region} has ${offered} zones or more`;
    fault('config/zones', path, `has ${given.length}, must have one for each of ${offered} zones: ${why}`);
  } else if (creates(config) && offered < 3 && given.length > offered) {
    fault('config/zones', path, `has ${given.length}, must have ${offered}: ${config.region} has no more zones`);
  }
};

/** Enough addresses in each subnet for every warehouse, endpoint and the load balancer (F-811 to F-813). */
export const subnetRoom: Rule = ({ config, fault, sound }) => {
  const { subnetCidrs, enhancedVpcRouting } = config.network;
  if (!creates(config) || !sound('network', 'consumers', 'workloads', 'producer.baseCapacity')) return;
  const { producer, consumers, workloads } = desire(config);
  const warehouses = [producer, ...consumers, ...workloads];
  const demand = addressDemand(
    warehouses.map(({ baseCapacity }) => baseCapacity),
    consumers.length,
    enhancedVpcRouting,
  );
  const fitting = smallestPrefix(demand.total);
  const hint =
    fitting === undefined ? 'Use fewer warehouses, or turn enhancedVpcRouting off.' : `Use /${fitting} or larger.`;
  subnetCidrs.forEach((text, index) => {
    const usable = usableAddresses(block(text));
    if (usable >= demand.total || block(text).prefix > 28 || block(text).prefix < 16) return;
    const parts = `${demand.workgroups} for ${warehouses.length} warehouses, ${demand.endpoints} for endpoints, ${demand.loadBalancer} for the load balancer`;
    const path = `network.subnetCidrs[${index}]`;
    const message = `is ${formatCidr(block(text))} with ${usable} usable addresses, must have ${demand.total}: ${parts}`;
    fault('config/cidr', path, message, hint);
  });
};

/** Settings of one kind of VPC that mean nothing for the other. */
export const vpcKind: Rule = ({ config, fault, notice, given, sound }) => {
  if (!sound('network.vpc')) return;
  if (creates(config) && given('network.subnetIds')) {
    const message = 'is for an existing VPC, but vpc is create';
    fault('config/value', 'network.subnetIds', message, 'Set vpc: { id: vpc-… }, or use subnetCidrs.');
  }
  const idle = ['vpcCidr', 'subnetCidrs'].filter((name) => given(`network.${name}`));
  if (!creates(config) && idle.length > 0)
    notice(`network.${idle.join(' and network.')}: not used with an existing VPC`);
};

const privateBlocks = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'].map(block);

/** The load balancer is internal: whoever isn't in a private network has no way to it. */
export const clientNetworks: Rule = ({ config, notice, sound }) => {
  for (const name of ['clientCidrs', 'writerCidrs'] as const) {
    if (!sound(`network.${name}`)) continue;
    for (const text of config.network[name] ?? []) {
      if (privateBlocks.some((each) => contains(each, block(text)))) continue;
      notice(
        `network.${name}: ${text} is not a private network; only the VPC and networks connected to it can reach it`,
      );
    }
  }
};

/**
 * Who may talk to whom (F-661):
 *   clients → nlb → endpoint; writers → producer; clients → workloads; nobody → the consumers' own endpoints.
 * Nothing leads out, but for enhanced VPC routing: to S3, and among the warehouse's own nodes.
 */
import type { Resource } from '../../engine/resource.ts';
import { atOnce, change, needed, type StepContext } from '../changes.ts';
import type { Network } from './network.ts';
import { differenceOf, permissionsOf, type Rule, rulesOf } from './rules.ts';
import { groupsOf, ruleChanges, type SecurityGroupSeen, securityGroup } from './security-group.ts';

export interface SecurityGroups {
  readonly nlb: Resource<SecurityGroupSeen>;
  readonly endpoint: Resource<SecurityGroupSeen>;
  readonly consumer: Resource<SecurityGroupSeen>;
  readonly producer: Resource<SecurityGroupSeen>;
  /** To be removed where there are no workloads. */
  readonly workload: Resource<SecurityGroupSeen>;
  /** The way from the load balancer to the endpoints: the one rule that two groups would each need first. */
  readonly nlbEgress: Resource<NlbEgressSeen>;
}

export function securityGroups(context: StepContext, network: Network): SecurityGroups {
  const { config } = context.desired;
  const { port } = config.loadBalancer;
  const clients = config.network.clientCidrs ?? [network.cidr];
  const writers = config.network.writerCidrs ?? [network.cidr];
  const from = (cidrs: readonly string[]): Rule[] =>
    cidrs.map((cidr) => ({ direction: 'ingress', port, peer: { cidr } }));
  const routing = (seen: SecurityGroupSeen) => (config.network.enhancedVpcRouting ? routingRules(seen) : []);

  const nlb = securityGroup(context, {
    role: 'nlb',
    network,
    about: 'clients to the load balancer',
    wanted: () => from(clients),
    spared: ({ direction, peer }, { groupId }) => direction === 'egress' && 'group' in peer && peer.group !== groupId,
  });
  const endpoint = securityGroup(context, {
    role: 'endpoint',
    network,
    about: 'the load balancer to the endpoints of the consumers',
    peers: [nlb],
    wanted: (_, known) => {
      const group = known.seen(nlb)?.groupId;
      return group === undefined ? [] : [{ direction: 'ingress', port, peer: { group } }];
    },
  });
  const workgroups = (role: 'consumer' | 'producer' | 'workload', about: string, rules: readonly Rule[]) =>
    securityGroup(context, { role, network, about, wanted: (seen) => [...rules, ...routing(seen)] });

  return {
    nlb,
    endpoint,
    nlbEgress: nlbEgress(context, { network, nlb, endpoint }),
    consumer: workgroups('consumer', 'consumer workgroups, reached only through their endpoints', []),
    producer: workgroups('producer', 'writers to the producer', from(writers)),
    workload: workgroups('workload', 'clients to the workloads', from(clients)),
  };
}

/** Enhanced VPC routing: to S3 by its prefix list, and everything between members of the group. */
function routingRules({ groupId, s3PrefixList }: SecurityGroupSeen): Rule[] {
  const self = { port: undefined, peer: { group: groupId } };
  return [
    ...(s3PrefixList === undefined
      ? []
      : [{ direction: 'egress' as const, port: 443, peer: { prefixList: s3PrefixList } }]),
    { direction: 'ingress', ...self },
    { direction: 'egress', ...self },
  ];
}

export interface NlbEgressSeen {
  readonly groupId: string;
  /** Rules from the load balancer's group to other groups. */
  readonly rules: readonly Rule[];
}

function nlbEgress(
  context: StepContext,
  parts: { network: Network; nlb: Resource<SecurityGroupSeen>; endpoint: Resource<SecurityGroupSeen> },
): Resource<NlbEgressSeen> {
  const { network, nlb, endpoint } = parts;
  const { port } = context.desired.config.loadBalancer;
  const rule = (group: string): Rule => ({ direction: 'egress', port, peer: { group } });
  return {
    id: 'vpc/nlb-egress',
    step: 'vpc',
    kind: 'security-group-rules',
    title: 'the way from the load balancer to the endpoints',
    needs: [nlb, endpoint],
    usualMs: 5_000,
    async observe(look) {
      const vpcId = network.vpcId(look);
      const groupId = look.seen(nlb)?.groupId;
      if (vpcId === undefined || groupId === undefined) return undefined;
      const group = (await groupsOf(context, look, vpcId)).find(({ GroupId }) => GroupId === groupId);
      const rules = rulesOf(group ?? {}).filter(({ direction, peer }) => direction === 'egress' && 'group' in peer);
      return rules.length === 0 ? undefined : { groupId, rules };
    },
    changes(seen, known) {
      const groupId = known.seen(nlb)?.groupId;
      const target = known.seen(endpoint)?.groupId;
      const missing = () => [rule(needed(target, endpoint.title))];
      if (!seen) return createRule(context, { port, groupId, missing });
      return ruleChanges(context, seen.groupId, differenceOf(seen.rules, target === undefined ? [] : [rule(target)]));
    },
    removal: ({ groupId, rules }) => ruleChanges(context, groupId, { missing: [], surplus: rules }),
    settled: atOnce,
  };
}

function createRule(
  { aws }: StepContext,
  options: { port: number; groupId: string | undefined; missing: () => Rule[] },
) {
  const apply = async () => {
    await aws.ec2.authorize(
      'egress',
      needed(options.groupId, "the load balancer's group"),
      permissionsOf(options.missing()),
    );
  };
  return [change('create', `allow the load balancer to reach the endpoints: ${options.port}`, apply)];
}

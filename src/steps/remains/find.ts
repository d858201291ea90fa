/** What tests have made in an environment, found by its tags. */
import type { Instance, SecurityGroup, VpcEndpoint } from '@aws-sdk/client-ec2';
import type { Aws } from '../../aws/aws.ts';
import type { Desired } from '../../model/desired.ts';
import { ownTagKeys } from '../../model/tags.ts';
import { hasRole } from './role.ts';

interface Owner {
  readonly aws: Aws;
  readonly desired: Desired;
}

/** What tests have left, or use. */
export interface Remains {
  readonly instanceIds: readonly string[];
  readonly endpointIds: readonly string[];
  /** That of the instances first: its rules name the other. */
  readonly groupIds: readonly string[];
  readonly role: boolean;
}

const filtersOf = ({ config }: Desired) => ({
  [`tag:${ownTagKeys.project}`]: [config.project],
  [`tag:${ownTagKeys.environment}`]: [config.environment],
  'tag-key': [ownTagKeys.test],
});

const alive = ['pending', 'running', 'shutting-down', 'stopping', 'stopped'];

/** Those that have not gone yet. */
export const testInstances = ({ aws, desired }: Owner): Promise<Instance[]> =>
  aws.ec2.describeInstances({ ...filtersOf(desired), 'instance-state-name': alive });

/** Those that have not gone yet. */
export async function testEndpoints({ aws, desired }: Owner): Promise<VpcEndpoint[]> {
  const all = await aws.ec2.describeVpcEndpoints(filtersOf(desired));
  return all.filter(({ State }) => !/^deleted$/i.test(State ?? ''));
}

export async function testGroups({ aws, desired }: Owner): Promise<SecurityGroup[]> {
  const groups = await aws.ec2.describeSecurityGroups(filtersOf(desired));
  const first = desired.names.testGroup('instances');
  return [...groups].sort((one, other) => Number(other.GroupName === first) - Number(one.GroupName === first));
}

export async function findRemains(owner: Owner): Promise<Remains> {
  const [instances, endpoints, groups, role] = await Promise.all([
    testInstances(owner),
    testEndpoints(owner),
    testGroups(owner),
    hasRole(owner),
  ]);
  return {
    instanceIds: instances.flatMap(({ InstanceId }) => InstanceId ?? []),
    endpointIds: endpoints.flatMap(({ VpcEndpointId }) => VpcEndpointId ?? []),
    groupIds: groups.flatMap(({ GroupId }) => GroupId ?? []),
    role,
  };
}

export const isNothing = ({ instanceIds, endpointIds, groupIds, role }: Remains): boolean =>
  instanceIds.length + endpointIds.length + groupIds.length === 0 && !role;

/** `2 instances, 3 endpoints, a role`. */
export function describeRemains({ instanceIds, endpointIds, groupIds, role }: Remains): string {
  const many = (count: number, what: string) => (count === 0 ? [] : [`${count} ${what}${count === 1 ? '' : 's'}`]);
  return [
    ...many(instanceIds.length, 'instance'),
    ...many(endpointIds.length, 'endpoint'),
    ...many(groupIds.length, 'security group'),
    ...(role ? ['a role'] : []),
  ].join(', ');
}

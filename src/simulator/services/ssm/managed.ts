/**
 * Which instances Systems Manager manages (F-740): those whose agent has come up, may register by the instance's role,
 * and reaches the services at which it registers and hears of commands.
 */
import type {
  DescribeInstanceInformationRequest,
  DescribeInstanceInformationResult,
  InstanceInformation,
} from '@aws-sdk/client-ssm';
import { seededRandom } from '../../../shared/random.ts';
import type { Checked } from '../../checked.ts';
import { durations } from '../../durations.ts';
import { ApiError, type Call, paginate } from '../../service.ts';
import type { Place } from '../../world.ts';
import { instancesThatRun, reachesService } from '../ec2/instance-lookup.ts';
import { networkChangedAt } from '../ec2/lookup.ts';
import type { InstanceRecord } from '../ec2/records.ts';
import { textHash } from '../ec2/state.ts';
import { asList, readDocument } from '../iam/documents.ts';
import { roleOfProfile } from '../iam/lookup.ts';
import type { Role } from '../iam/state.ts';
import { ssmState } from './state.ts';

/** F-741: Amazon Linux 2023 has an agent that needs no third service. */
const servicesNeeded = ['ssm', 'ssmmessages'];
const agentVersion = '3.3.2299.0';

interface Managed {
  readonly instance: InstanceRecord;
  readonly online: boolean;
}

/** The instances that have registered. */
export function managedInstances(place: Place): Managed[] {
  const { registered } = ssmState(place);
  return instancesThatRun(place).flatMap((instance) => {
    const reaches = mayRegister(place, instance);
    if (registered[instance.instanceId] === undefined && reaches && hasHadTime(place, instance)) {
      registered[instance.instanceId] = place.now;
    }
    return registered[instance.instanceId] === undefined ? [] : [{ instance, online: reaches }];
  });
}

export const isOnline = (place: Place, instanceId: string): boolean =>
  managedInstances(place).some(({ instance, online }) => online && instance.instanceId === instanceId);

function mayRegister(place: Place, instance: InstanceRecord): boolean {
  const role = roleOfProfile(place, instance.profileArn);
  return (
    role !== undefined && lets(role) && servicesNeeded.every((service) => reachesService(place, instance, service))
  );
}

/** F-594: by AWS's managed policy, or one of its own that says the same. */
function lets({ attachedPolicies, inlinePolicies }: Role): boolean {
  if (attachedPolicies.some((arn) => /\/(AmazonSSMManagedInstanceCore|AdministratorAccess)$/.test(arn))) return true;
  const statements = Object.values(inlinePolicies).flatMap((document) => readDocument(document)?.statements ?? []);
  const actions = statements.filter(({ Effect }) => Effect === 'Allow').flatMap(({ Action }) => asList(Action));
  return actions.some((action) => /^(\*|ssm:(\*|UpdateInstanceInformation))$/i.test(String(action)));
}

/** Each agent takes a time of its own after its instance has come up, or after the way has opened. */
function hasHadTime(place: Place, { instanceId, runningAt = place.now }: InstanceRecord): boolean {
  const { from, to } = durations['instance.register'];
  const delay = from + (to - from) * seededRandom(textHash(instanceId)).next();
  return place.now >= Math.max(runningAt, networkChangedAt(place)) + delay;
}

export function describeInstanceInformation(
  input: Checked<DescribeInstanceInformationRequest>,
  call: Call,
): DescribeInstanceInformationResult {
  const filters = [
    ...(input.Filters ?? []).map(({ Key, Values }) => ({ key: Key, values: Values })),
    ...(input.InstanceInformationFilterList ?? []).map(({ key, valueSet }) => ({ key, values: valueSet })),
  ];
  const matching = managedInstances(call)
    .map(informationOf)
    .filter((one) => filters.every(({ key, values }) => values.includes(filteredBy(one, key))));
  const limit = input.MaxResults ?? call.world.settings.pageSize;
  const { items, nextToken } = paginate(matching, input.NextToken, limit, () => new ApiError('InvalidNextToken', ''));
  return { InstanceInformationList: items, NextToken: nextToken };
}

function filteredBy(one: InstanceInformation, key: string): string {
  switch (key) {
    case 'InstanceIds':
      return one.InstanceId ?? '';
    case 'PingStatus':
      return one.PingStatus ?? '';
    case 'ResourceType':
      return one.ResourceType ?? '';
    case 'PlatformTypes':
    case 'PlatformType':
      return one.PlatformType ?? '';
    default:
      throw new ApiError('InvalidFilterKey', `The filter key ${key} is not served here`);
  }
}

const informationOf = ({ instance, online }: Managed): InstanceInformation => ({
  InstanceId: instance.instanceId,
  PingStatus: online ? 'Online' : 'ConnectionLost',
  AgentVersion: agentVersion,
  IsLatestVersion: true,
  PlatformType: 'Linux',
  PlatformName: 'Amazon Linux',
  PlatformVersion: '2023',
  ResourceType: 'EC2Instance',
  IPAddress: instance.privateIpAddress,
  ComputerName: `ip-${instance.privateIpAddress.replaceAll('.', '-')}.ec2.internal`,
  SourceId: instance.instanceId,
  SourceType: 'AWS::EC2::Instance',
});

/** What RunInstances asks for, checked: image and type that fit, a subnet with its groups, a profile that EC2 knows. */
import type { InstanceNetworkInterfaceSpecification, RunInstancesRequest } from '@aws-sdk/client-ec2';
import type { Checked } from '../../checked.ts';
import { ApiError, type Call } from '../../service.ts';
import type { Place } from '../../world.ts';
import { profileFor } from '../iam/lookup.ts';
import { type ImageInfo, requireImage } from './images.ts';
import { isOffered, requireType } from './instance-types.ts';
import { defaultSecurityGroup } from './lookup.ts';
import type { InstanceMetadata, SubnetRecord, VolumeInfo } from './records.ts';
import { missingParameter } from './requests.ts';
import { defaultVpcId, ec2State, requireRecord } from './state.ts';

export interface WantedInstances {
  readonly image: ImageInfo;
  readonly instanceType: string;
  readonly subnet: SubnetRecord;
  readonly groupIds: readonly string[];
  readonly profileArn: string | undefined;
  readonly metadata: InstanceMetadata;
  readonly volume: Omit<VolumeInfo, 'volumeId'>;
  readonly count: number;
}

type Input = Checked<RunInstancesRequest>;

/** Errors: those of EC2 for each of its parts (F-280 to F-284). */
export function wantedInstances(input: Input, call: Call): WantedInstances {
  if (input.ImageId === undefined) throw missingParameter('ImageId');
  const image = requireImage(call, input.ImageId);
  const instanceType = input.InstanceType ?? 't2.micro';
  checkArchitecture(instanceType, image);
  const place = placeOf(input, call);
  if (!isOffered(call.region, instanceType, place.subnet.availabilityZone)) {
    throw notOffered(instanceType, place.subnet.availabilityZone);
  }
  return {
    image,
    instanceType,
    ...place,
    profileArn: profileArnOf(input, call),
    metadata: metadataOf(input),
    volume: volumeOf(input),
    count: countOf(input),
  };
}

/** F-282. */
function checkArchitecture(instanceType: string, { architecture }: ImageInfo): void {
  const type = requireType(instanceType);
  if (type.architecture === architecture) return;
  const problem = `The architecture '${type.architecture}' of the specified instance type does not match the architecture '${architecture}' of the specified AMI. Specify an instance type and an AMI that have matching architectures, and try again.`;
  throw new ApiError('InvalidParameterValue', problem);
}

/** F-283. */
function notOffered(instanceType: string, zone: string): ApiError {
  const problem = `Your requested instance type (${instanceType}) is not supported in your requested Availability Zone (${zone}).`;
  return new ApiError('Unsupported', problem);
}

function placeOf(input: Input, call: Call): { subnet: SubnetRecord; groupIds: readonly string[] } {
  const [face, second] = input.NetworkInterfaces ?? [];
  if (second) throw new ApiError('InvalidParameterValue', 'More than one network interface is not served here');
  if (face && (input.SubnetId ?? input.SecurityGroupIds?.[0]) !== undefined) {
    const problem = 'Network interfaces and an instance-level subnet ID may not be specified on the same request';
    throw new ApiError('InvalidParameterCombination', problem);
  }
  const subnet = subnetOf(face?.SubnetId ?? input.SubnetId, call);
  checkNoPublicAddress(face, subnet);
  const given = face?.Groups ?? input.SecurityGroupIds ?? [];
  const groupIds = given.length > 0 ? given : [defaultSecurityGroup(call, subnet.vpcId)];
  const foreign = groupIds.find((id) => requireRecord(call, 'securityGroups', id).vpcId !== subnet.vpcId);
  if (foreign === undefined) return { subnet, groupIds };
  const problem = `Security group ${foreign} and subnet ${subnet.subnetId} belong to different networks.`;
  throw new ApiError('InvalidParameter', problem);
}

function subnetOf(id: string | undefined, call: Call): SubnetRecord {
  if (id !== undefined) return requireRecord(call, 'subnets', id);
  const vpcId = defaultVpcId(call);
  const found = Object.values(ec2State(call).subnets).find((subnet) => subnet.vpcId === vpcId && subnet.defaultForAz);
  if (found) return found;
  throw new ApiError('MissingInput', `No subnets found for the default VPC '${vpcId}'. Please specify a subnet.`);
}

/** Public addresses are not simulated: what would need one is refused rather than left without it. */
function checkNoPublicAddress(
  face: Checked<InstanceNetworkInterfaceSpecification> | undefined,
  subnet: SubnetRecord,
): void {
  if (!(face?.AssociatePublicIpAddress ?? subnet.mapPublicIpOnLaunch)) return;
  throw new ApiError('InvalidParameterValue', 'Instances with public addresses are not served by this simulator.');
}

/** F-284: a profile that was made a moment ago is not known to EC2 yet, and one without a role never is. */
function profileArnOf(input: Input, place: Place): string | undefined {
  const { Arn: arn, Name: name } = input.IamInstanceProfile ?? {};
  if (arn === undefined && name === undefined) return undefined;
  const found = profileFor(place, { arn, name });
  if (!found.known) {
    const [member, given, what] = arn === undefined ? ['name', name, 'name'] : ['arn', arn, 'ARN'];
    const problem = `Value (${given}) for parameter iamInstanceProfile.${member} is invalid. Invalid IAM Instance Profile ${what}`;
    throw new ApiError('InvalidParameterValue', problem);
  }
  if (found.hasRole) return found.arn;
  throw new ApiError('InvalidParameterValue', `IAM Instance Profile "${found.arn}" has no associated IAM Roles`);
}

function metadataOf({ MetadataOptions: options }: Input): InstanceMetadata {
  return {
    // F-286: Amazon Linux 2023 asks for tokens unless the request says otherwise.
    httpTokens: options?.HttpTokens === 'optional' ? 'optional' : 'required',
    hopLimit: options?.HttpPutResponseHopLimit ?? 2,
    enabled: options?.HttpEndpoint !== 'disabled',
  };
}

function volumeOf({ BlockDeviceMappings: mappings }: Input): WantedInstances['volume'] {
  const ebs = mappings?.[0]?.Ebs;
  return {
    sizeGiB: ebs?.VolumeSize ?? 8,
    type: ebs?.VolumeType ?? 'gp3',
    encrypted: ebs?.Encrypted ?? false,
    deleteOnTermination: ebs?.DeleteOnTermination ?? true,
  };
}

function countOf({ MinCount: min, MaxCount: max }: Input): number {
  if (min >= 1 && max >= min) return max;
  throw new ApiError('InvalidParameterValue', `Value (${min}) for parameter minCount is invalid.`);
}

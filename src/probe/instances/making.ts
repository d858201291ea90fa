/** Makes what a test needs inside the VPC: groups, endpoints, a role, instances; and waits until they can be told. */
import type { IpPermission } from '@aws-sdk/client-ec2';
import type { Direction } from '../../aws/ec2.ts';
import { goneIsFine } from '../../aws/paging.ts';
import { tagRecord } from '../../aws/tags.ts';
import { isOfTest, ownTagKeys, testTagsFor } from '../../model/tags.ts';
import { RsdsError, ServiceError } from '../../shared/errors.ts';
import type { InstancesOptions } from './options.ts';
import { asGoodAsMade, persist } from './persisting.ts';
import { makeRole } from './role.ts';
import { type InstanceType, type Place, type Site, serviceName } from './site.ts';
import { until } from './waiting.ts';

export interface Made {
  readonly instanceIds: readonly string[];
}

/** Nobody may be there to notice that a test was forgotten: its instances end themselves. No test lasts longer. */
const lifetimeMinutes = 240;

const image = (architecture: string) =>
  `/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-${architecture}`;

/** Rejects with the signal's reason, or a coded error; what it has made by then is to be removed by its tags. */
export async function makeAll(options: InstancesOptions, site: Site, signal: AbortSignal): Promise<Made> {
  const { tell } = options;
  const many = site.places.length === 1 ? '1 instance' : `${site.places.length} instances`;
  const ways = site.missing.length === 0 ? '' : ` and endpoints for ${site.missing.join(', ')}`;
  tell(`making ${many} of type ${site.types[0]?.name}${ways} in ${site.vpcId}`);
  const [groupId, profile] = await bothOf(makeNetwork(options, site, signal), makeRole(options, signal));
  signal.throwIfAborted();
  const instanceIds: string[] = [];
  for (const place of site.places) {
    instanceIds.push(await startAnywhere(options, { site, groupId, profile, place }, signal));
  }
  await untilManaged(options, site, instanceIds, signal);
  return { instanceIds };
}

/** Where one fails, the other is awaited: what it still makes could not be removed before. */
async function bothOf<One, Other>(one: Promise<One>, other: Promise<Other>): Promise<[One, Other]> {
  await Promise.allSettled([one, other]);
  return Promise.all([one, other]);
}

/** The groups, and what they let through; answers that of the instances. */
async function makeNetwork(options: InstancesOptions, site: Site, signal: AbortSignal): Promise<string> {
  const { aws, desired } = options;
  const instances = await makeGroup(options, { site, of: 'instances', signal });
  const own = site.missing.length === 0 ? [] : [await makeGroup(options, { site, of: 'endpoints', signal })];
  const https = [...own, ...site.endpointGroupIds];
  const allow = (direction: Direction, group: string, rules: IpPermission[]) =>
    persist<unknown>(
      options,
      { what: `EC2 to take the rules of ${group}`, signal },
      () => aws.ec2.authorize(direction, group, rules),
      asGoodAsMade,
    );
  await persist(options, { what: `EC2 to close ${instances}`, signal }, () =>
    goneIsFine(aws.ec2.revoke('egress', instances, [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }])),
  );
  await allow('egress', instances, [
    ...toGroups(desired.config.loadBalancer.port, site.balancerGroupIds, site.cidrs),
    ...(site.leadsOut ? [tcp(443, { IpRanges: [{ CidrIp: '0.0.0.0/0' }] })] : toGroups(443, https, site.cidrs)),
  ]);
  // Others in the VPC find the services through these endpoints as well while they stand: they must not be cut off.
  for (const group of own) await allow('ingress', group, [tcp(443, ranges(site.cidrs))]);
  for (const service of site.missing) {
    signal.throwIfAborted();
    await makeEndpoint(options, site, { service, groupId: own[0] ?? '' }, signal);
  }
  return instances;
}

const tcp = (port: number, peers: Partial<IpPermission>): IpPermission => ({
  ...{ IpProtocol: 'tcp', FromPort: port, ToPort: port },
  ...peers,
});

const ranges = (cidrs: readonly string[]) => ({ IpRanges: cidrs.map((CidrIp) => ({ CidrIp })) });

/** Without any group nothing is filtered there, and the VPC's addresses have to do. */
const toGroups = (port: number, groupIds: readonly string[], cidrs: readonly string[]): IpPermission[] =>
  groupIds.length === 0
    ? [tcp(port, ranges(cidrs))]
    : [tcp(port, { UserIdGroupPairs: groupIds.map((GroupId) => ({ GroupId })) })];

/** There as soon as everybody can see it: until then no rule can be added to it (F-201). */
async function makeGroup(
  options: InstancesOptions,
  { site, of, signal }: { site: Site; of: 'instances' | 'endpoints'; signal: AbortSignal },
): Promise<string> {
  const { aws, desired, run } = options;
  const name = desired.names.testGroup(of);
  const about = of === 'instances' ? 'test instances' : 'endpoints for test instances';
  const tags = testTagsFor(desired.config, `test/${of}-group`, { name, run });
  const input = { VpcId: site.vpcId, GroupName: name, Description: about };
  const id = await persist(
    options,
    { what: `EC2 to make ${name}`, signal },
    async () => (await aws.ec2.createSecurityGroup(input, tags)).GroupId ?? '',
    () => madeBefore(options, site, name),
  );
  return until(options, {
    what: `the security group ${name} (${id})`,
    usually: 'seconds',
    everyMs: 1_000,
    limitMs: 60_000,
    signal,
    look: async () => ((await aws.ec2.describeSecurityGroups({ 'group-id': [id] })).length > 0 ? id : undefined),
    tooLong: () =>
      new RsdsError('probe/instances', `the security group ${id} that was just made is not there`, {
        hint: 'run the test again',
      }),
  });
}

/** Made by a call whose answer was lost, as soon as it is seen; of somebody else it is an error. */
async function madeBefore(
  { aws, desired, run }: InstancesOptions,
  { vpcId }: Site,
  name: string,
): Promise<string | undefined> {
  const [found] = await aws.ec2.describeSecurityGroups({ 'vpc-id': [vpcId], 'group-name': [name] });
  const tags = tagRecord(found?.Tags);
  if (!found || (isOfTest(desired.config, tags) && tags[ownTagKeys.test] === run)) return found?.GroupId;
  throw new RsdsError('step/foreign', `the security group ${name} in ${vpcId} is not of this test`, {
    hint: 'rename the group or the project',
  });
}

/** In one zone: the others reach it from there, and each zone would cost as much again. */
async function makeEndpoint(
  options: InstancesOptions,
  site: Site,
  { service, groupId }: { service: string; groupId: string },
  signal: AbortSignal,
): Promise<void> {
  const { aws, desired, run, random } = options;
  const name = `${desired.names.prefix}-test-${service}`;
  const input = {
    ClientToken: random.uuid(),
    VpcId: site.vpcId,
    VpcEndpointType: 'Interface' as const,
    ServiceName: serviceName(desired.config.region, service),
    SubnetIds: [site.places[0]?.subnetId ?? ''],
    SecurityGroupIds: [groupId],
    PrivateDnsEnabled: true,
  };
  const tags = testTagsFor(desired.config, `test/${service}-endpoint`, { name, run });
  await persist(options, { what: `EC2 to make ${name}`, signal }, () => aws.ec2.createVpcEndpoint(input, tags));
}

interface Start {
  readonly site: Site;
  readonly groupId: string;
  readonly profile: string;
  readonly place: Place;
}

/** Of the first type of which there is one to be had. */
async function startAnywhere(options: InstancesOptions, start: Start, signal: AbortSignal): Promise<string> {
  let problem: unknown;
  for (const type of start.site.types) {
    try {
      return await startOne(options, start, type, signal);
    } catch (error) {
      if (!(error instanceof ServiceError && (error.kind === 'capacity' || error.awsCode === 'Unsupported')))
        throw error;
      problem = error;
    }
  }
  throw problem;
}

async function startOne(
  options: InstancesOptions,
  { groupId, profile, place }: Start,
  type: InstanceType,
  signal: AbortSignal,
): Promise<string> {
  const { aws, desired, run, random } = options;
  const parameter = image(type.architecture);
  const ImageId = await aws.ssm.getParameter(parameter);
  if (ImageId === undefined) {
    throw new RsdsError('probe/instances', `there is no parameter ${parameter} in ${desired.config.region}`, {
      hint: 'test from this machine instead',
    });
  }
  const tags = testTagsFor(desired.config, 'test/instance', { name: `${desired.names.prefix}-test`, run });
  const input = {
    ...{ ImageId, InstanceType: type.name as 't4g.nano', MinCount: 1, MaxCount: 1, ClientToken: random.uuid() },
    NetworkInterfaces: [
      { DeviceIndex: 0, SubnetId: place.subnetId, Groups: [groupId], AssociatePublicIpAddress: false },
    ],
    IamInstanceProfile: { Name: profile },
    MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1, HttpEndpoint: 'enabled' } as const,
    BlockDeviceMappings: [
      { DeviceName: '/dev/xvda', Ebs: { Encrypted: true, DeleteOnTermination: true, VolumeType: 'gp3' as const } },
    ],
    InstanceInitiatedShutdownBehavior: 'terminate' as const,
    UserData: Buffer.from(`#!/bin/sh\nshutdown -h +${lifetimeMinutes}\n`).toString('base64'),
  };
  const what = 'EC2 to know the instance profile';
  const made = await persist(options, { what, signal }, () => aws.ec2.runInstances(input, tags));
  return made.Instances?.[0]?.InstanceId ?? '';
}

const managedMs = 600_000;

async function untilManaged(
  options: InstancesOptions,
  site: Site,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const { aws } = options;
  let missing: readonly string[] = ids;
  await until(options, {
    what: `${ids.length === 1 ? ids[0] : `${ids.length} instances`} to register with Systems Manager`,
    usually: 'two minutes',
    everyMs: 5_000,
    limitMs: managedMs,
    signal,
    look: async () => {
      const known = await aws.ssm.describeInstanceInformation(ids);
      const online = known.filter(({ PingStatus }) => PingStatus === 'Online').map(({ InstanceId }) => InstanceId);
      missing = ids.filter((id) => !online.includes(id));
      return missing.length === 0 ? true : undefined;
    },
    tooLong: () =>
      new RsdsError(
        'probe/instances',
        `${missing.join(', ')} did not register with Systems Manager within ${managedMs / 60_000} minutes`,
        { hint: hintFor(site) },
      ),
  });
}

const hintFor = ({ endpointGroupIds, leadsOut, vpcId }: Site): string =>
  endpointGroupIds.length > 0
    ? `let ${vpcId}'s addresses in at port 443 in ${endpointGroupIds.join(', ')}, the groups of the endpoints that are there`
    : leadsOut
      ? `see whether the routes and network ACLs of ${vpcId} let it out to port 443`
      : `see whether the network ACLs of ${vpcId} let its subnets talk to each other at port 443`;

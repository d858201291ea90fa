/** Instances: started, running, terminated (F-280), and listed for an hour after that (F-285). */
import type {
  DescribeInstancesRequest,
  DescribeInstancesResult,
  InstanceStateChange,
  Reservation,
  RunInstancesRequest,
  TerminateInstancesRequest,
  TerminateInstancesResult,
} from '@aws-sdk/client-ec2';
import type { Checked } from '../../checked.ts';
import { ApiError, type Call } from '../../service.ts';
import type { EventHandler, Place } from '../../world.ts';
import { type WantedInstances, wantedInstances } from './instance-requests.ts';
import { filtersOf, instanceOf, stateOf } from './instance-views.ts';
import { createInterface, deleteInterface, freeAddresses } from './interfaces.ts';
import type { InstanceRecord } from './records.ts';
import { listRecords, missingParameter, oncePerToken, refuseDryRun } from './requests.ts';
import { ec2State, idsOf, requireRecord, visibleFrom } from './state.ts';
import { tagsFor } from './tags.ts';

/** F-285 */
const listedAfterwardsMs = 3_600_000;

function runInstances(input: Checked<RunInstancesRequest>, call: Call): Reservation {
  const reservationId = oncePerToken(call, input, 'RunInstances', () => startAll(input, call));
  const made = Object.values(ec2State(call).instances).filter((one) => one.reservationId === reservationId);
  return reservationOf(call, reservationId, made);
}

function startAll(input: Checked<RunInstancesRequest>, call: Call): string {
  const wanted = wantedInstances(input, call);
  const tags = tagsByType(input);
  if (freeAddresses(call, wanted.subnet.subnetId) < wanted.count) {
    const problem = `There are not enough free addresses in subnet '${wanted.subnet.subnetId}' to satisfy the requested number of instances.`;
    throw new ApiError('InsufficientFreeAddressesInSubnet', problem);
  }
  refuseDryRun(input);
  const reservationId = idsOf(call)('r');
  for (let index = 0; index < wanted.count; index++) {
    start(call, wanted, { reservationId, index, tags, clientToken: input.ClientToken });
  }
  return reservationId;
}

interface TagsByType {
  readonly instance: Record<string, string>;
  readonly face: Record<string, string>;
}

/** One request may tag the instance, its volume and its interface, each by a specification of its own. */
function tagsByType({ TagSpecifications: specifications = [] }: Checked<RunInstancesRequest>): TagsByType {
  const of = (type: 'instance' | 'network-interface' | 'volume') =>
    tagsFor(
      specifications.filter(({ ResourceType }) => ResourceType === type),
      type,
    );
  const known = ['instance', 'network-interface', 'volume', undefined];
  const foreign = specifications.find(({ ResourceType }) => !known.includes(ResourceType));
  if (foreign) tagsFor([foreign], 'instance');
  of('volume');
  return { instance: of('instance'), face: of('network-interface') };
}

interface Launch {
  readonly reservationId: string;
  readonly index: number;
  readonly tags: TagsByType;
  readonly clientToken: string | undefined;
}

function start(call: Call, wanted: WantedInstances, { reservationId, index, tags, clientToken }: Launch): void {
  const { image, instanceType, subnet, groupIds, profileArn, metadata, volume } = wanted;
  const newId = idsOf(call);
  const instanceId = newId('i');
  const face = createInterface(call, {
    subnetId: subnet.subnetId,
    groupIds,
    description: '',
    requesterId: call.account,
    instanceId,
  });
  const record = requireRecord(call, 'interfaces', face.networkInterfaceId);
  record.tags = tags.face;
  ec2State(call).instances[instanceId] = {
    ...{ instanceId, reservationId, launchIndex: index, clientToken, instanceType, profileArn, metadata },
    imageId: image.imageId,
    architecture: image.architecture,
    vpcId: subnet.vpcId,
    subnetId: subnet.subnetId,
    availabilityZone: subnet.availabilityZone,
    networkInterfaceId: face.networkInterfaceId,
    privateIpAddress: face.privateIpAddress,
    macAddress: record.macAddress,
    groupIds: [...groupIds],
    launchedAt: call.now,
    volume: { ...volume, volumeId: newId('vol') },
    state: 'pending',
    runningAt: undefined,
    terminatedAt: undefined,
    tags: tags.instance,
    visibleAt: visibleFrom(call),
  };
  call.world.schedule(call, call.world.draw('instance.start'), instanceRuns, { instanceId });
}

function describeInstances(input: Checked<DescribeInstancesRequest>, call: Call): DescribeInstancesResult {
  const page = listRecords(call, 'instances', { ...input, ids: input.InstanceIds }, filtersOf(call));
  const ids = [...new Set(page.items.map(({ reservationId }) => reservationId))];
  const reservations = ids.map((id) =>
    reservationOf(
      call,
      id,
      page.items.filter(({ reservationId }) => reservationId === id),
    ),
  );
  return { Reservations: reservations, NextToken: page.nextToken };
}

const reservationOf = (place: Place, ReservationId: string, records: readonly InstanceRecord[]): Reservation => ({
  ReservationId,
  OwnerId: place.account,
  Groups: [],
  Instances: records.map((record) => instanceOf(place, record)),
});

/** F-285: again for one that goes or has gone is no error. */
function terminateInstances(input: Checked<TerminateInstancesRequest>, call: Call): TerminateInstancesResult {
  const ids = input.InstanceIds ?? [];
  if (ids.length === 0) throw missingParameter('InstanceId');
  const records = ids.map((id) => requireRecord(call, 'instances', id));
  refuseDryRun(input);
  return { TerminatingInstances: records.map((record) => terminate(call, record)) };
}

function terminate(place: Place, record: InstanceRecord): InstanceStateChange {
  const { instanceId, state: before } = record;
  if (before === 'pending' || before === 'running') {
    record.state = 'shutting-down';
    record.terminatedAt = place.now;
    place.world.schedule(place, place.world.draw('instance.terminate'), instanceGone, { instanceId });
  }
  return { InstanceId: instanceId, PreviousState: stateOf(before), CurrentState: stateOf(record.state) };
}

const instanceRuns = 'ec2/instance-runs';
const instanceGone = 'ec2/instance-gone';
const instanceForgotten = 'ec2/instance-forgotten';

const named = (place: Place, payload: Readonly<Record<string, unknown>>): InstanceRecord | undefined =>
  ec2State(place).instances[String(payload.instanceId)];

export const instanceEvents: Readonly<Record<string, EventHandler>> = {
  [instanceRuns]: (place, payload) => {
    const record = named(place, payload);
    if (record?.state !== 'pending') return;
    record.state = 'running';
    record.runningAt = place.now;
  },
  [instanceGone]: (place, payload) => {
    const record = named(place, payload);
    if (!record) return;
    record.state = 'terminated';
    deleteInterface(place, record.networkInterfaceId);
    place.world.schedule(place, listedAfterwardsMs, instanceForgotten, { instanceId: record.instanceId });
  },
  [instanceForgotten]: (place, payload) => {
    delete ec2State(place).instances[String(payload.instanceId)];
  },
};

export const instanceOperations = {
  RunInstances: runInstances,
  DescribeInstances: describeInstances,
  TerminateInstances: terminateInstances,
};

/** Access to the state of the simulated EC2 in one region, and how its resources are named and found. */
import { seededRandom } from '../../../shared/random.ts';
import { ApiError } from '../../service.ts';
import type { Place, Slot } from '../../world.ts';
import { formatAddress } from './cidr.ts';
import type { Ec2State, ResourceRecord } from './records.ts';
import { addSubnet, addVpc, type IdSource } from './vpc-parts.ts';
import { zonesOf } from './zones.ts';

const slot: Slot<Ec2State> = {
  name: 'ec2',
  scope: 'region',
  initial: () => ({
    vpcs: {},
    subnets: {},
    routeTables: {},
    securityGroups: {},
    rules: {},
    networkAcls: {},
    interfaces: {},
    vpcEndpoints: {},
    internetGateways: {},
    instances: {},
    tokens: {},
    seeded: false,
    networkChangedAt: 0,
  }),
};

/** The region's state, its default VPC laid out. */
export function ec2State(place: Place): Ec2State {
  const state: Ec2State & { instances?: Ec2State['instances'] } = place.world.state(slot, place.region);
  // An account that was saved before there were instances has no table of them.
  state.instances ??= {};
  if (!state.seeded) layOutDefaultVpc(state, place);
  return state;
}

/** F-200: resource ids are a prefix and seventeen hexadecimal digits, the first of them 0. */
export const idsOf =
  (place: Place): IdSource =>
  (prefix) =>
    `${prefix}-0${place.world.random.hex(16)}`;

/**
 * F-213: every region of an account has a default VPC with a /20 in each zone and a way out. Its ids come from region
 * and account alone, so that looking at a region early or late makes no difference to what comes after.
 */
function layOutDefaultVpc(state: Ec2State, place: Place): void {
  state.seeded = true;
  const random = seededRandom(textHash(`${place.account}/${place.region}`));
  const newId: IdSource = (prefix) => `${prefix}-0${random.hex(16)}`;
  const common = { visibleAt: 0, tags: {} };
  const vpc = addVpc(state, newId, {
    ...common,
    tags: {},
    cidrBlock: '172.31.0.0/16',
    isDefault: true,
    instanceTenancy: 'default',
  });
  for (const [index, zone] of zonesOf(place.region).entries()) {
    addSubnet(state, newId, {
      visibleAt: 0,
      tags: {},
      vpcId: vpc.vpcId,
      cidrBlock: `${formatAddress(0xac1f0000 + index * 4096)}/20`,
      availabilityZone: zone.name,
      availabilityZoneId: zone.id,
      defaultForAz: true,
      mapPublicIpOnLaunch: true,
    });
  }
  const internetGatewayId = newId('igw');
  state.internetGateways[internetGatewayId] = { visibleAt: 0, tags: {}, internetGatewayId, vpcId: vpc.vpcId };
  const main = Object.values(state.routeTables).find((table) => table.vpcId === vpc.vpcId);
  main?.routes.push({ destinationCidrBlock: '0.0.0.0/0', gatewayId: internetGatewayId, origin: 'CreateRoute' });
}

export const defaultVpcId = (place: Place): string | undefined =>
  Object.values(ec2State(place).vpcs).find((vpc) => vpc.isDefault)?.vpcId;

export function textHash(text: string): number {
  let hash = 2166136261;
  for (const char of text) hash = Math.imul(hash ^ char.charCodeAt(0), 16777619);
  return hash >>> 0;
}

/** Notes that packets may now pass, or stop passing, somewhere. */
export function noteNetworkChange(place: Place): void {
  ec2State(place).networkChangedAt = place.now;
}

/** From when reads see what is made now (F-201). */
export const visibleFrom = (place: Place): number => place.now + place.world.draw('eventual-consistency');

/** A kind of resource: where it is kept, and how EC2 says that one isn't there. */
interface Kind {
  readonly prefix: string;
  readonly label: string;
  /** Code before `.NotFound`. */
  readonly code: string;
  /** Code before `.Malformed`, where it differs. */
  readonly malformed?: string;
}

const kinds = {
  vpcs: { prefix: 'vpc-', label: 'vpc ID', code: 'InvalidVpcID' },
  subnets: { prefix: 'subnet-', label: 'subnet ID', code: 'InvalidSubnetID' },
  routeTables: { prefix: 'rtb-', label: 'routeTable ID', code: 'InvalidRouteTableID' },
  securityGroups: { prefix: 'sg-', label: 'security group', code: 'InvalidGroup', malformed: 'InvalidGroupId' },
  rules: { prefix: 'sgr-', label: 'security group rule ID', code: 'InvalidSecurityGroupRuleId' },
  networkAcls: { prefix: 'acl-', label: 'networkAcl ID', code: 'InvalidNetworkAclID' },
  interfaces: { prefix: 'eni-', label: 'networkInterface ID', code: 'InvalidNetworkInterfaceID' },
  vpcEndpoints: { prefix: 'vpce-', label: 'Vpc Endpoint Id', code: 'InvalidVpcEndpointId' },
  internetGateways: { prefix: 'igw-', label: 'internetGateway ID', code: 'InvalidInternetGatewayID' },
  instances: { prefix: 'i-', label: 'instance ID', code: 'InvalidInstanceID' },
} as const satisfies Partial<Record<keyof Ec2State, Kind>>;

export type TableName = keyof typeof kinds;
export type RecordOf<T extends TableName> = Ec2State[T][string];

export const tableNames = Object.keys(kinds) as TableName[];

/** The table that keeps ids such as this one, by its prefix. */
export const tableOf = (id: string): TableName | undefined =>
  tableNames.find((table) => id.startsWith(kinds[table].prefix));

/** The records of a table that reads see by now. */
export function visibleRecords<T extends TableName>(place: Place, table: T): RecordOf<T>[] {
  const records: ResourceRecord[] = Object.values(ec2State(place)[table]);
  return records.filter((record) => record.visibleAt <= place.now) as RecordOf<T>[];
}

/**
 * The record with this id, as a caller may see it.
 * Errors: `….Malformed` for an id of another kind, `….NotFound` for one that is not there, or not yet.
 */
export function requireRecord<T extends TableName>(place: Place, table: T, id: string): RecordOf<T> {
  const kind: Kind = kinds[table];
  if (!id.startsWith(kind.prefix)) {
    const code = `${kind.malformed ?? kind.code}.Malformed`;
    throw new ApiError(code, `Invalid id: "${id}" (expecting "${kind.prefix}...")`);
  }
  const record: RecordOf<T> | undefined = ec2State(place)[table][id] as RecordOf<T> | undefined;
  if (record === undefined || record.visibleAt > place.now) throw notFound(table, [id]);
  return record;
}

/** F-202: the wording for one and for several ids. */
export function notFound(table: TableName, ids: readonly string[]): ApiError {
  const kind: Kind = kinds[table];
  const several = ids.length > 1;
  const subject = `The ${kind.label}${several ? 's' : ''} '${ids.join(', ')}'`;
  return new ApiError(`${kind.code}.NotFound`, `${subject} ${several ? 'do' : 'does'} not exist`);
}

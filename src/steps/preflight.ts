/**
 * Before anything is made: will there be room for it? Reads only, and only where something is to be created. All that is
 * missing is told at once. What may not be read is taken to be AWS's default.
 */
import type { Aws } from '../aws/aws.ts';
import type { Plan } from '../engine/plan.ts';
import { addressDemand } from '../model/addresses.ts';
import type { Desired, Warehouse } from '../model/desired.ts';
import type { ErrorCode } from '../shared/codes.ts';
import { RsdsError, ServiceError } from '../shared/errors.ts';
import type { FoundNetwork } from './vpc/network.ts';

export interface PreflightInput {
  readonly aws: Aws;
  readonly desired: Desired;
  readonly plan: Plan;
  /** The existing VPC; undefined where one of our own is made. */
  readonly network: FoundNetwork | undefined;
}

/** What is missing, with numbers, and what to do about it. */
interface Shortage {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
}

/** Throws the `preflight/…` error of what is missing; one that names all when there are several. */
export async function preflight(input: PreflightInput): Promise<void> {
  const found = await Promise.all([
    warehouses(input),
    vpcs(input),
    balancers(input),
    endpoints(input),
    zones(input),
    addresses(input),
  ]);
  const shortages = found.flat();
  const [first] = shortages;
  if (!first) return;
  const message = shortages.map((shortage) => shortage.message).join('; ');
  throw new RsdsError(first.code, message, { hint: [...new Set(shortages.map(({ hint }) => hint))].join('; ') });
}

/** How many resources of a kind the plan creates. */
const created = ({ plan }: PreflightInput, kind: string): number =>
  plan.items.filter((item) => item.goal === 'present' && item.resource.kind === kind && item.seen === undefined).length;

async function warehouses(input: PreflightInput): Promise<Shortage[]> {
  const { aws } = input;
  const wanted = [
    { what: 'namespaces', more: created(input, 'namespace'), list: () => aws.serverless.listNamespaces() },
    { what: 'workgroups', more: created(input, 'workgroup'), list: () => aws.serverless.listWorkgroups() },
  ].filter(({ more }) => more > 0);
  if (wanted.length === 0) return [];
  const granted = await quotaReader(aws, 'redshift-serverless');
  const found = await Promise.all(
    wanted.map(async ({ what, more, list }) => {
      // AWS publishes no codes for these: the name is all there is (F-572).
      const quota = granted(({ name }) => new RegExp(`^(number of )?${what}\\b`, 'i').test(name)) ?? 25;
      return quotaShortage(what, { quota, used: (await list()).length, more });
    }),
  );
  return found.flat();
}

async function vpcs(input: PreflightInput): Promise<Shortage[]> {
  const more = created(input, 'vpc');
  if (more === 0) return [];
  const [granted, all] = await Promise.all([quotaReader(input.aws, 'vpc'), input.aws.ec2.describeVpcs()]);
  const quota = granted(({ code }) => code === 'L-F678F1CE') ?? 5;
  return quotaShortage('VPCs in the region', { quota, used: all.length, more });
}

async function balancers(input: PreflightInput): Promise<Shortage[]> {
  const more = created(input, 'load-balancer');
  if (more === 0) return [];
  const [granted, all] = await Promise.all([
    quotaReader(input.aws, 'elasticloadbalancing'),
    input.aws.elb.loadBalancers(),
  ]);
  const quota = granted(({ code }) => code === 'L-69A177A2') ?? 50;
  return quotaShortage('network load balancers', {
    quota,
    used: all.filter(({ Type }) => Type === 'network').length,
    more,
  });
}

/** Each workgroup has an interface endpoint of its own, each consumer a managed one beside it (F-250). */
async function endpoints(input: PreflightInput): Promise<Shortage[]> {
  const { aws, network } = input;
  const more = created(input, 'workgroup') + created(input, 'endpoint');
  if (more === 0) return [];
  const granted = await quotaReader(aws, 'vpc');
  const quota = granted(({ code }) => code === 'L-29B6F2EB') ?? 50;
  const used = network ? await interfaceEndpoints(aws, network.vpcId) : standing(input);
  return quotaShortage('interface endpoints in the VPC', { quota, used, more });
}

const standing = ({ plan }: PreflightInput) =>
  plan.items.filter(({ resource, seen }) => ['workgroup', 'endpoint'].includes(resource.kind) && seen !== undefined)
    .length;

async function interfaceEndpoints(aws: Aws, vpcId: string): Promise<number> {
  const all = await aws.ec2.describeVpcEndpoints({ 'vpc-id': [vpcId] });
  return all.filter(({ VpcEndpointType }) => VpcEndpointType === 'Interface').length;
}

async function zones(input: PreflightInput): Promise<Shortage[]> {
  if (created(input, 'subnet') === 0) return [];
  const { config } = input.desired;
  const there = (await input.aws.ec2.describeZones()).length;
  const wanted = config.network.subnetCidrs.length;
  if (there >= wanted) return [];
  return [
    {
      code: 'preflight/zones',
      message: `${config.region} has ${there} usable zones, ${wanted} subnets in zones of their own are wanted`,
      hint: 'give fewer network.subnetCidrs (two are enough without enhancedVpcRouting), or choose another region',
    },
  ];
}

/** Only in an existing VPC: the configuration's own subnets were checked with it. */
async function addresses(input: PreflightInput): Promise<Shortage[]> {
  const { aws, desired, network } = input;
  if (!network) return [];
  const need = addressesNeeded(input);
  if (need === 0) return [];
  const ids = network.subnets.map(({ subnetId }) => subnetId);
  const subnets = await aws.ec2.describeSubnets({ 'subnet-id': ids });
  const small = subnets.filter(({ AvailableIpAddressCount = 0 }) => AvailableIpAddressCount < need);
  const list = small.map(({ SubnetId, AvailableIpAddressCount }) => `${SubnetId} has ${AvailableIpAddressCount}`);
  if (list.length === 0) return [];
  const message = `${desired.names.prefix} needs ${need} more free addresses in each subnet, ${list.join(', ')}`;
  return [{ code: 'preflight/addresses', message, hint: 'name larger subnets in network.subnetIds' }];
}

function addressesNeeded(input: PreflightInput): number {
  const { desired, plan } = input;
  const isNew = ({ short }: Warehouse) =>
    plan.items.some(({ resource, seen }) => resource.id === `${short}/workgroup` && seen === undefined);
  const all = [desired.producer, ...desired.consumers, ...desired.workloads].filter(isNew);
  const demand = addressDemand(
    all.map(({ baseCapacity }) => baseCapacity),
    created(input, 'endpoint'),
    desired.config.network.enhancedVpcRouting,
  );
  return demand.total - (created(input, 'load-balancer') > 0 ? 0 : demand.loadBalancer);
}

function quotaShortage(what: string, { quota, used, more }: { quota: number; used: number; more: number }): Shortage[] {
  if (used + more <= quota) return [];
  const message = `${more} more ${what} are wanted, ${used} of ${quota} are in use`;
  return [{ code: 'preflight/quota', message, hint: 'ask AWS to raise the quota (Service Quotas), or create less' }];
}

interface Quota {
  readonly code: string;
  readonly name: string;
}

/** Finds what is granted: the applied value, else AWS's default; undefined where neither can be read (F-653). */
async function quotaReader(
  aws: Aws,
  service: string,
): Promise<(which: (quota: Quota) => boolean) => number | undefined> {
  const [applied, defaults] = await Promise.all([
    readable(() => aws.quotas.applied(service)),
    readable(() => aws.quotas.defaults(service)),
  ]);
  const all = [...applied, ...defaults].map(({ QuotaCode = '', QuotaName = '', Value }) => ({
    code: QuotaCode,
    name: QuotaName,
    value: Value,
  }));
  return (which) => all.find(which)?.value;
}

/** A permission that is missing makes the preflight weaker, not impossible. */
async function readable<T>(read: () => Promise<T[]>): Promise<T[]> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof ServiceError && ['denied', 'absent', 'invalid'].includes(error.kind)) return [];
    throw error;
  }
}

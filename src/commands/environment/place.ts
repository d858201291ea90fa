/** Where there is something to connect to, as the control plane tells: nothing is woken. */
import type { Workgroup } from '@aws-sdk/client-redshift-serverless';
import type { Tags } from '../../aws/tags.ts';
import { coversPort } from '../../diagnose/path.ts';
import { type Reading, read } from '../../diagnose/reading.ts';
import { consumerWarehouse, type Desired, desire, type Warehouse } from '../../model/desired.ts';
import { isOurs } from '../../model/tags.ts';
import { RsdsError } from '../../shared/errors.ts';
import { type Peer, rulesOf } from '../../steps/vpc/rules.ts';
import type { CommandContext } from '../context.ts';
import { suffixOf } from '../diagnose/suffix.ts';
import type { Account } from './session.ts';

/** One address with its login. */
export interface Place {
  /** `load balancer`, or a warehouse's short name. */
  readonly title: string;
  readonly pool: boolean;
  readonly host: string;
  readonly port: number;
  /** AWS's word for the state of what has the address. */
  readonly state: string;
  readonly ready: boolean;
  readonly login: Login;
  /** Of a workload: its own database, which is its admin's. */
  readonly own?: Login | undefined;
  /** Who is let in on the port: blocks and groups. */
  readonly lets: Reading<readonly string[]>;
}

export interface Login {
  readonly database: string;
  readonly user: string;
  /** Name or ARN. */
  readonly secret: string;
  /** AWS made the password, and keeps it in a form that it does not tell. */
  readonly managed: boolean;
}

/** The load balancer, or the warehouse that is called `name`. Throws `connect/absent`, `target/unknown`, `step/foreign`. */
export function findPlace(here: Account, name: string | undefined): Promise<Place> {
  const desired = desire(here.config);
  return name === undefined ? balancerPlace(here, desired) : warehousePlace(here, desired, name);
}

async function balancerPlace(here: Account, desired: Desired): Promise<Place> {
  const { aws } = here;
  const name = desired.names.loadBalancer;
  const found = await aws.elb.loadBalancer(name);
  if (!found?.DNSName) throw absent(here, `there is no load balancer ${name}`);
  const arn = found.LoadBalancerArn ?? '';
  await refuseForeign(here, `load balancer ${name}`, async () => (await aws.elb.tags([arn]))[arn] ?? {});
  const { port } = here.config.loadBalancer;
  return {
    title: 'load balancer',
    pool: true,
    host: found.DNSName,
    port,
    state: found.State?.Code ?? '',
    ready: found.State?.Code === 'active',
    login: readerLogin(desired),
    lets: await whoIsLetIn(here, found.SecurityGroups ?? [], port),
  };
}

async function warehousePlace(here: Account, desired: Desired, name: string): Promise<Place> {
  const standing = await here.aws.serverless.listWorkgroups();
  const warehouse = warehouseNamed(desired, standing, name);
  const found = standing.find(({ workgroupName }) => workgroupName === warehouse.name);
  const { address, port = here.config.loadBalancer.port } = found?.endpoint ?? {};
  if (!found || !address) throw absent(here, `there is no workgroup ${warehouse.name} with an address`);
  await refuseForeign(here, `workgroup ${warehouse.name}`, () =>
    here.aws.serverless.listTags(found.workgroupArn ?? ''),
  );
  return {
    title: warehouse.short,
    pool: false,
    host: address,
    port,
    state: found.status ?? '',
    ready: found.status === 'AVAILABLE',
    ...(await loginsOf(here, desired, warehouse)),
    lets: await whoIsLetIn(here, found.securityGroupIds ?? [], port),
  };
}

/** Those of the configuration, and consumers that stand beyond it, as `scale` may have made them. */
function warehouseNamed(desired: Desired, standing: readonly Workgroup[], name: string): Warehouse {
  const { producer, consumers, workloads, config, names } = desired;
  const numbers = standing.flatMap(({ workgroupName = '' }) => consumerNumber(names.prefix, workgroupName) ?? []);
  const further = numbers.map((number) => consumerWarehouse(config, number));
  const all = [producer, ...consumers, ...further, ...workloads];
  const found = all.find((one) => one.short === name || one.name === name);
  if (found) return found;
  throw new RsdsError('target/unknown', `there is no warehouse ${name} in this environment`, {
    hint: `use one of: ${[...new Set(all.map(({ short }) => short))].join(', ')}`,
  });
}

function consumerNumber(prefix: string, workgroupName: string): number | undefined {
  const [, number] = workgroupName.startsWith(`${prefix}-`)
    ? (/^consumer-([1-9]\d*)$/.exec(workgroupName.slice(prefix.length + 1)) ?? [])
    : [];
  return number === undefined ? undefined : Number(number);
}

const readerLogin = ({ config, names }: Desired): Login => ({
  database: config.datashare.consumerDatabase,
  user: config.datashare.reader,
  secret: names.readerSecret,
  managed: false,
});

/** What is shared is the reader's; what a warehouse has itself is its admin's, and in a consumer there is nothing. */
async function loginsOf(here: Account, desired: Desired, warehouse: Warehouse): Promise<Pick<Place, 'login' | 'own'>> {
  const admin = warehouse.role === 'consumer' ? undefined : await adminLogin(here, warehouse);
  if (warehouse.role !== 'producer') return { login: readerLogin(desired), own: admin };
  if (!admin) throw absent(here, `the namespace ${warehouse.name} has no secret for its admin`);
  return { login: admin };
}

async function adminLogin({ aws, config }: Account, { name, database }: Warehouse): Promise<Login | undefined> {
  const { adminUsername, adminPasswordSecretArn } = (await aws.serverless.getNamespace(name)) ?? {};
  if (adminPasswordSecretArn === undefined) return undefined;
  const user = adminUsername ?? config.producer.adminUsername;
  return { database, user, secret: adminPasswordSecretArn, managed: true };
}

/** The addresses of something else must not be given out as ours. */
async function refuseForeign({ config }: Account, what: string, tagsOf: () => Promise<Tags>): Promise<void> {
  const tags = await read(tagsOf);
  if ('unread' in tags || isOurs(config, tags.value)) return;
  throw new RsdsError('step/foreign', `${what} does not carry the tags of ${config.project}/${config.environment}`, {
    hint: 'rename the project, or take the resource over',
  });
}

/** F-661: the groups of the load balancer decide, or those of the workgroup. Without any, nothing is kept out. */
async function whoIsLetIn({ aws }: Account, groupIds: readonly string[], port: number): Promise<Place['lets']> {
  if (groupIds.length === 0) return { value: ['0.0.0.0/0'] };
  return read(async () => {
    const groups = await aws.ec2.describeSecurityGroups({ 'group-id': groupIds });
    const rules = groups.flatMap(rulesOf).filter((rule) => rule.direction === 'ingress' && coversPort(rule, port));
    const peers = new Set(rules.map(({ peer }) => peerName(peer)));
    // Enhanced VPC routing lets members of a group talk to each other: those are no clients.
    return [...peers].filter((peer) => !groupIds.includes(peer));
  });
}

const peerName = (peer: Peer): string => ('cidr' in peer ? peer.cidr : 'group' in peer ? peer.group : peer.prefixList);

/** With the command that finds the same environment again. */
const absent = ({ config, context }: Account, what: string): RsdsError => {
  const { rsds } = suffixOf(context, config.region);
  return new RsdsError('connect/absent', `${what} in ${config.region}`, {
    hint: `\`rsds up${rsds}\` makes it; \`rsds status${rsds}\` shows what stands`,
  });
};

/** The password in the secret of a login. Throws `connect/absent` without one. */
export async function readPassword(here: Account, { secret }: Pick<Login, 'secret'>): Promise<string> {
  const text = await here.aws.secrets.getSecretString(secret);
  if (text === undefined) throw absent(here, `there is no secret ${secret}`);
  const password = passwordIn(text);
  if (password !== undefined) return password;
  throw new RsdsError('connect/absent', `the secret ${secret} has no password`, {
    hint: 'its value should be JSON with the keys username and password',
  });
}

/** Without the parser's own error, which quotes what it was given. */
function passwordIn(text: string): string | undefined {
  try {
    const { password } = JSON.parse(text) as { password?: unknown };
    return typeof password === 'string' ? password : undefined;
  } catch {
    return undefined;
  }
}

/** Where an address of a simulated VPC is served on this machine. */
export async function localAddress(
  { localAddresses }: CommandContext,
  host: string,
  port: number,
): Promise<{ readonly host: string; readonly port: number } | undefined> {
  const local = await localAddresses.find(host, port);
  if (local === undefined) return undefined;
  const colon = local.lastIndexOf(':');
  return { host: local.slice(0, colon), port: Number(local.slice(colon + 1)) };
}

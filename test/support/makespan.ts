/**
 * How long an `up` must take at least, from what the simulator really took: the makespan's lower bound.
 *
 * What AWS makes serial is a namespace (the network beside it), the workgroups in the lane, and the tail of each
 * consumer: endpoint, then registration until its first health check. Everything else can overlap with it.
 */

import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { ec2State } from '../../src/simulator/services/ec2/state.ts';
import { elbState } from '../../src/simulator/services/elasticloadbalancing/state.ts';
import { service as serverlessService } from '../../src/simulator/services/redshift-serverless/index.ts';
import { serverless } from '../../src/simulator/services/redshift-serverless/state.ts';
import type { LoggedRequest, Simulator } from '../../src/simulator/simulator.ts';
import type { Place } from '../../src/simulator/world.ts';
import { accountOf } from './account.ts';
import { type Project, type Ran, startProject } from './project.ts';
import { plainYaml, schemaSql } from './standing.ts';

/** Names of workgroups, namespaces and endpoints, with their kind, and when they settled for good (world time, ms). */
export type Diary = ReadonlyMap<string, number>;

/** One workgroup and what hangs on it; all in ms. */
export interface WarehouseTimes {
  readonly name: string;
  /** CreateNamespace answered → AVAILABLE. */
  readonly namespaceMs: number;
  /** CreateWorkgroup answered, world time. */
  readonly createdAt: number;
  /** CreateWorkgroup answered → stably AVAILABLE. */
  readonly workgroupMs: number;
  /** CreateEndpointAccess answered → ACTIVE; undefined for the producer. */
  readonly endpointMs: number | undefined;
  /** RegisterTargets answered → first healthy; undefined for the producer. */
  readonly targetMs: number | undefined;
}

export interface Bound {
  /** Until subnets and groups can be used. */
  readonly networkMs: number;
  /** In the order in which they were created. */
  readonly warehouses: readonly WarehouseTimes[];
  readonly ms: number;
}

/** Begins to write down when things settle; to be called before the run. */
export function keepDiary({ world }: Simulator): Diary {
  const diary = new Map<string, number>();
  for (const [kind, handle] of Object.entries(serverlessService.events ?? {})) {
    world.handle(kind, (place, payload) => {
      handle(place, payload);
      note(place, diary);
    });
  }
  return diary;
}

function note(place: Place, diary: Map<string, number>): void {
  const { namespaces, workgroups, endpoints } = serverless(place);
  const settled = [
    ...Object.values(namespaces).flatMap(({ name, phase }) => (phase === 'settled' ? `namespace ${name}` : [])),
    ...Object.values(workgroups).flatMap(({ name, phase }) => (phase === 'settled' ? `workgroup ${name}` : [])),
    ...Object.values(endpoints).flatMap(({ name, status }) => (status === 'ACTIVE' ? `endpoint ${name}` : [])),
  ];
  for (const one of settled) if (!diary.has(one)) diary.set(one, place.now);
}

/** The bound of a run from nothing that had `atOnce` places in the lane. */
export function boundOf(
  simulator: Simulator,
  run: { readonly requests: readonly LoggedRequest[]; readonly diary: Diary; readonly atOnce: number },
): Bound {
  const place = simulator.world.place('us-east-1');
  const warehouses = warehousesOf(place, run);
  const network = networkMs(place, run.requests);
  // Whoever is free takes the next workgroup, in the order in which they were created.
  const free = Array.from({ length: run.atOnce }, () => network);
  const ends = warehouses.map(({ namespaceMs, workgroupMs, endpointMs = 0, targetMs = 0 }) => {
    const freeAt = Math.min(...free);
    const settledAt = Math.max(freeAt, namespaceMs) + workgroupMs;
    free[free.indexOf(freeAt)] = settledAt;
    return settledAt + endpointMs + targetMs;
  });
  return { networkMs: network, warehouses, ms: Math.max(...ends) };
}

function warehousesOf(place: Place, { requests, diary }: { requests: readonly LoggedRequest[]; diary: Diary }) {
  const { endpoints } = serverless(place);
  const created = answered(requests, 'CreateWorkgroup', 'workgroupName');
  const namespaces = answered(requests, 'CreateNamespace', 'namespaceName');
  const asked = answered(requests, 'CreateEndpointAccess', 'endpointName');
  return [...created].map(([name, createdAt]): WarehouseTimes => {
    const endpoint = Object.values(endpoints).find(({ workgroupName }) => workgroupName === name);
    const address = endpoint?.endpoint.interfaces[0]?.privateIpAddress;
    return {
      name,
      createdAt,
      namespaceMs: (diary.get(`namespace ${name}`) ?? Number.NaN) - (namespaces.get(name) ?? 0),
      workgroupMs: (diary.get(`workgroup ${name}`) ?? Number.NaN) - createdAt,
      endpointMs: endpoint && (diary.get(`endpoint ${endpoint.name}`) ?? Number.NaN) - (asked.get(endpoint.name) ?? 0),
      targetMs: address === undefined ? undefined : targetMs(place, address),
    };
  });
}

/** What was drawn for it: registration, and where in the first interval its first check came. */
function targetMs(place: Place, address: string): number | undefined {
  for (const { healthCheck, targets } of Object.values(elbState(place).targetGroups)) {
    const target = targets.find((one) => one.address === address);
    if (target) return target.registerMs + target.phase * healthCheck.intervalSeconds * 1000;
  }
  return undefined;
}

/** From CreateVpc until subnets and groups can be used, if each was asked for as soon as that was possible. */
function networkMs(place: Place, requests: readonly LoggedRequest[]): number {
  const { vpcs, subnets, securityGroups } = ec2State(place);
  const from = requests[0]?.at ?? 0;
  const own = <T extends { readonly visibleAt: number }>(table: Readonly<Record<string, T>>) =>
    Object.values(table).filter(({ visibleAt }) => visibleAt > from);
  const createdAt = (operation: string) => requests.find((one) => one.operation === operation)?.at ?? 0;
  const vpcMs = Math.max(...own(vpcs).map(({ visibleAt }) => visibleAt)) - createdAt('CreateVpc');
  const subnetMs = Math.max(...own(subnets).map(({ visibleAt }) => visibleAt)) - createdAt('CreateSubnet');
  const groups = own(securityGroups).filter(({ groupName }) => groupName !== 'default');
  const groupMs = Math.max(...groups.map(({ visibleAt }) => visibleAt)) - createdAt('CreateSecurityGroup');
  return vpcMs + Math.max(subnetMs, groupMs);
}

/** Names in the input of an operation → when it was answered without an error. */
function answered(requests: readonly LoggedRequest[], operation: string, key: string): Map<string, number> {
  const done = requests.filter((one) => one.operation === operation && one.errorCode === undefined);
  return new Map(
    done.map(({ input, at, durationMs }) => [String((input as Record<string, unknown>)[key]), at + durationMs]),
  );
}

export interface MeasuredUp {
  readonly ran: Ran;
  /** From its first request to its end, AWS time. */
  readonly ms: number;
  readonly bound: Bound;
  /** How many times the bound it took. */
  readonly ratio: number;
}

/** Brings an environment up from nothing, in an account that has the lock table. Throws what `up` failed with. */
export async function measureUp(options: { consumers: number; atOnce: number; seed: number }): Promise<MeasuredUp> {
  const { consumers, atOnce, seed } = options;
  const project = await startProject({
    yaml: plainYaml(consumers, `workgroupConcurrency: ${atOnce}\n`),
    files: { 'schema.sql': schemaSql },
    settings: { seed, workgroupConcurrency: atOnce > 1 ? 'fine' : 'stuck' },
  });
  try {
    await makeLockTable(project);
    const diary = keepDiary(project.simulator);
    const startedAt = project.clock.elapsed();
    const ran = await project.run('up');
    if (ran.error) throw ran.error;
    const ms = project.clock.elapsed() - startedAt;
    const bound = boundOf(project.simulator, { requests: ran.requests, diary, atOnce });
    return { ran, ms, bound, ratio: ms / bound.ms };
  } finally {
    await project.close();
  }
}

/** Once in an account and region, so no part of what every environment takes. */
async function makeLockTable(project: Project): Promise<void> {
  await accountOf(project).dynamodb.send(
    new CreateTableCommand({
      TableName: 'rsds-locks',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'lock', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'lock', KeyType: 'HASH' }],
    }),
  );
  project.simulator.world.skip(60_000);
}

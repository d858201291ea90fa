/**
 * Eight processes at once on one account in which workgroups that are made at once get stuck for good: `up` of four
 * environments, two `scale` of one, a `down`, a `plan`. Who makes a workgroup when is told by the account, not by rsds.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import {
  AssociateRouteTableCommand,
  CreateRouteTableCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  EC2Client,
  ModifyVpcAttributeCommand,
} from '@aws-sdk/client-ec2';
import {
  ListNamespacesCommand,
  paginateListWorkgroups,
  RedshiftServerlessClient,
  type Workgroup,
} from '@aws-sdk/client-redshift-serverless';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPortFile } from '../../src/commands/sim/port-file.ts';
import { parseAnyLedger } from '../../src/ledger/document.ts';
import { ledgerPath } from '../../src/ledger/file-ledger.ts';
import { RealClock } from '../../src/shared/clock.ts';
import { seededRandom } from '../../src/shared/random.ts';
import { smallSchema } from '../crash/small-project.ts';
import { createSandbox, ensureBuilt, type Finished, type Sandbox } from '../support/program.ts';
import { full, seed } from '../support/seed.ts';
import { clientConfigOf } from '../support/simulator.ts';

const rounds = full ? 8 : 1;
const speed = 300;
const clock = new RealClock();

const yaml = (vpcId: string, subnetIds: readonly string[]) => `project: airline
region: us-east-1
network: { vpc: { id: ${vpcId} }, subnetIds: [${subnetIds.join(', ')}] }
producer: { database: airline_dw, baseCapacity: 8, initSql: [schema.sql] }
consumers: { count: 1, baseCapacity: 8 }
datashare: { name: airline_share, schemas: [public], consumerDatabase: airline, reader: reporter }
`;

let box: Sandbox;
let serverless: RedshiftServerlessClient;

beforeAll(async () => {
  ensureBuilt();
  const XDG_CACHE_HOME = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  box = createSandbox({ XDG_CACHE_HOME });
  await box.ask('sim', 'start', '--speed', String(speed));
  const { port } = readPortFile(box.state) ?? {};
  const config = clientConfigOf(`http://127.0.0.1:${port}`);
  serverless = new RedshiftServerlessClient(config);
  // One network for all: an account has five VPCs.
  const { vpcId, subnetIds } = await buildNetwork(new EC2Client(config));
  writeFileSync(join(box.folder, 'rsds.yaml'), yaml(vpcId, subnetIds));
  writeFileSync(join(box.folder, 'schema.sql'), smallSchema);
}, 60_000);
afterAll(async () => {
  serverless.destroy();
  await box.remove();
});

async function buildNetwork(ec2: EC2Client) {
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
  const vpcId = Vpc?.VpcId ?? '';
  await clock.sleep(500);
  for (const attribute of ['EnableDnsSupport', 'EnableDnsHostnames'] as const)
    await ec2.send(new ModifyVpcAttributeCommand({ VpcId: vpcId, [attribute]: { Value: true } }));
  const { RouteTable } = await ec2.send(new CreateRouteTableCommand({ VpcId: vpcId }));
  const subnetIds: string[] = [];
  for (const [index, zone] of ['a', 'b', 'c'].entries()) {
    const place = { VpcId: vpcId, CidrBlock: `10.0.${index * 16}.0/20`, AvailabilityZone: `us-east-1${zone}` };
    const { Subnet } = await ec2.send(new CreateSubnetCommand(place));
    subnetIds.push(Subnet?.SubnetId ?? '');
  }
  await clock.sleep(500);
  for (const SubnetId of subnetIds)
    await ec2.send(new AssociateRouteTableCommand({ SubnetId, RouteTableId: RouteTable?.RouteTableId }));
  ec2.destroy();
  return { vpcId, subnetIds };
}

const run = (env: string, ...words: readonly string[]) =>
  box.run(...words, '--env', env, '--sim', '--yes', '--lock-wait', '20h');

async function workgroups(): Promise<Workgroup[]> {
  const all: Workgroup[] = [];
  for await (const page of paginateListWorkgroups({ client: serverless }, {})) all.push(...(page.workgroups ?? []));
  return all;
}

/**
 * Looks at the account all the time; answers which workgroups it saw being made or changed at one moment. Those of the
 * environment that goes may be MODIFYING on their way out (F-112).
 */
function watch(leaving: string): { stop(): Promise<string[][]> } {
  const seen: string[][] = [];
  let watching = true;
  const looking = (async () => {
    while (watching) {
      const unsettled = (await workgroups()).filter(({ status }) => status === 'CREATING' || status === 'MODIFYING');
      const names = unsettled.map(({ workgroupName = '' }) => workgroupName);
      seen.push(names.filter((name) => !name.startsWith(`airline-${leaving}-`)));
      await clock.sleep(60);
    }
  })();
  return {
    stop: async () => {
      watching = false;
      await looking;
      return seen;
    },
  };
}

const mustBeWell = ({ exit, stderr }: Finished, what: string, exits: readonly number[] = [0]) => {
  expect(exits, `${what}: ${stderr}`).toContain(exit);
  expect(stderr, what).not.toMatch(/^\s+at /m);
};

const ledgerOf = (environment: string) =>
  parseAnyLedger(readFileSync(ledgerPath(box.state, { project: 'airline', environment }), 'utf8'));

/** Round n has environments of its own, and takes them down again. */
async function race(round: number): Promise<void> {
  const random = seededRandom(seed + round);
  const [scaled, gone, ...fresh] = ['s', 'g', 'a', 'b', 'c', 'd'].map((letter) => `${letter}${round}`) as [
    string,
    string,
    ...string[],
  ];
  for (const one of await Promise.all([run(scaled, 'up'), run(gone, 'up')])) mustBeWell(one, 'a first up');

  const watching = watch(gone);
  const processes: readonly (readonly [what: string, start: () => Promise<Finished>, exits?: readonly number[]])[] = [
    ...fresh.map((env) => [`up ${env}`, () => run(env, 'up')] as const),
    ['scale to 2', () => run(scaled, 'scale', '--consumers', '2')],
    ['scale to 3', () => run(scaled, 'scale', '--consumers', '3')],
    ['down', () => run(gone, 'down', '--no-final-snapshot')],
    ['plan', () => box.run('plan', '--env', fresh[0] ?? '', '--sim')],
  ];
  const ended = await Promise.all(
    processes.map(async ([what, start, exits]) => {
      await clock.sleep(1_500 * random.next());
      mustBeWell(await start(), what, exits);
    }),
  );
  expect(ended).toHaveLength(8);
  const seen = await watching.stop();
  expect(seen.length).toBeGreaterThan(50);
  expect(seen.filter((names) => names.length > 1)).toEqual([]);

  // Nobody is stuck, everybody has what was asked for, and no lock is left.
  for (const env of [...fresh, scaled]) {
    mustBeWell(await box.run('plan', '--check', '--env', env, '--sim'), `plan --check of ${env}`);
    expect(await box.ask('lock', 'show', '--env', env, '--sim')).toMatchObject({
      environment: { held: false },
      lane: { held: false },
    });
  }
  const names = (await workgroups()).map(({ workgroupName = '', status }) => `${workgroupName} ${status}`);
  expect(names.filter((name) => !name.endsWith(' AVAILABLE'))).toEqual([]);
  const own = names.filter((name) => name.startsWith(`airline-${scaled}-consumer-`)).length;
  expect([2, 3]).toContain(own);
  expect(names).toHaveLength(fresh.length * 2 + 1 + own);
  expect(ledgerOf(gone)).toMatchObject({ standing: 0 });

  // What a run had made twice, or forgotten, would be left over.
  const downs = await Promise.all([...fresh, scaled].map((env) => run(env, 'down', '--no-final-snapshot')));
  for (const one of downs) mustBeWell(one, 'a last down');
  const { namespaces = [] } = await serverless.send(new ListNamespacesCommand({}));
  expect(namespaces).toEqual([]);
}

describe(`eight processes at once (seed ${seed})`, () => {
  test(
    `${rounds} times: one at a time makes workgroups, and each ends with its own right result`,
    async () => {
      for (let round = 1; round <= rounds; round++) await race(round);
    },
    rounds * 150_000,
  );
});

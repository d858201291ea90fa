/** Commands on instances: who may send them, what they see of the network, and when they end. */
import { existsSync, readFileSync } from 'node:fs';
import { TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import {
  CancelCommandCommand,
  DescribeInstanceInformationCommand,
  GetCommandInvocationCommand,
  ListCommandInvocationsCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { RealClock } from '../../../src/shared/clock.ts';
import { folderOfTest } from '../../support/folder.ts';
import { type Live, openLive } from '../../support/live.ts';
import { isAlive } from '../../support/process.ts';
import { pythonIsThere } from '../../support/python.ts';
import { clientConfigOf } from '../../support/simulator.ts';
import { buildStandingProject, plainYaml } from '../../support/standing.ts';
import {
  endOf,
  managed,
  openEndpoint,
  prepareStation,
  python,
  runOn,
  type Station,
  shell,
  startInstance,
} from './instance.ts';

let live: Live;
let station: Station;
let instanceId = '';

beforeAll(async () => {
  const { saved } = await buildStandingProject(plainYaml(2));
  live = await openLive(saved, 1);
  station = await prepareStation(live);
  instanceId = await startInstance(live, station);
});

afterAll(() => live.close());

const clock = new RealClock();

/** Waits until `isSo`, and fails the test when that lasts. */
async function until(isSo: () => boolean): Promise<void> {
  for (let n = 0; n < 200 && !isSo(); n++) await clock.sleep(25);
  expect(isSo()).toBe(true);
}

const ip = 'import socket\n';

describe('an instance without a way out', () => {
  it('is managed once it reaches ssm and ssmmessages, and needs a role for it (F-740, F-741)', async () => {
    const bare = await startInstance(live, station, '');
    expect(await managed(live)).toEqual({});
    expect(await refusalName(live.clients.ssm.send(shell(instanceId, ['true'])))).toBe('InvalidInstanceId');
    await openEndpoint(live, station, 'ssm');
    expect(await managed(live)).toEqual({});
    await openEndpoint(live, station, 'ssmmessages');
    expect(await managed(live)).toEqual({ [instanceId]: 'Online' });
    await live.clients.ec2.send(new TerminateInstancesCommand({ InstanceIds: [bare] }));
  });

  it.skipIf(!pythonIsThere())('resolves AWS’s names to its endpoints, or to where it can’t come (F-747)', async () => {
    const look = python(`${ip}
for name in ("ssm.us-east-1.amazonaws.com", "secretsmanager.us-east-1.amazonaws.com", "nobody.example"):
    try:
        print(sorted({entry[4][0] for entry in socket.getaddrinfo(name, 443)}))
    except socket.gaierror as error:
        print(error.errno == socket.EAI_NONAME)
try:
    socket.create_connection(("secretsmanager.us-east-1.amazonaws.com", 443), timeout=0.3)
except TimeoutError:
    print("no answer")`);
    const [own = '', secrets, unknown, verdict] = (await runOn(live, instanceId, look)).StandardOutputContent!.split(
      '\n',
    );
    expect(own).toMatch(/^\['10\.\d+\.\d+\.\d+'\]$/);
    expect([secrets, unknown, verdict]).toEqual(["['198.51.100.10']", 'True', 'no answer']);
  });
});

const refusalName = async (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: Error) => error.name,
  );

describe('a command', () => {
  it('ends with what its script ends with, and shows what that said (F-742, F-744, F-745)', async () => {
    const { Command } = await live.clients.ssm.send(shell(instanceId, ['echo out', 'echo err >&2', 'exit 3']));
    const CommandId = Command!.CommandId!;
    const early = live.clients.ssm.send(new GetCommandInvocationCommand({ CommandId, InstanceId: instanceId }));
    expect(await refusalName(early)).toBe('InvocationDoesNotExist');
    expect(await endOf(live, CommandId, instanceId)).toMatchObject({
      Status: 'Failed',
      ResponseCode: 3,
      StandardOutputContent: 'out\n',
      StandardErrorContent: 'err\n',
    });
    const listed = await live.clients.ssm.send(new ListCommandInvocationsCommand({ CommandId, Details: true }));
    expect(listed.CommandInvocations).toMatchObject([
      { InstanceId: instanceId, Status: 'Failed', CommandPlugins: [{ ResponseCode: 3 }] },
    ]);
    const long = await runOn(live, instanceId, ['head -c 50000 /dev/zero | tr "\\0" x']);
    expect(long.StandardOutputContent).toHaveLength(24_000);
  });

  it('is taken from nobody but who has the key of the simulator’s owner', async () => {
    const credentials = { accessKeyId: 'AKIAANYBODY', secretAccessKey: 'any' };
    const stranger = new SSMClient({ ...clientConfigOf(live.simulator.url), credentials });
    onTestFinished(() => stranger.destroy());
    const refused = await stranger.send(shell(instanceId, ['true'])).catch((error: Error) => error);
    expect(refused).toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringMatching(/not authorized to perform: ssm:SendCommand.*which only its owner may ask for/),
    });
    expect((await stranger.send(new DescribeInstanceInformationCommand({}))).InstanceInformationList).toHaveLength(1);
  });

  it('is not sent where the instance’s zone is out', async () => {
    const outage = live.simulator.faults.add({ kind: 'zone-outage', target: station.zone });
    expect(await managed(live)).toEqual({ [instanceId]: 'ConnectionLost' });
    expect(await refusalName(live.clients.ssm.send(shell(instanceId, ['true'])))).toBe('InvalidInstanceId');
    live.simulator.faults.clear(outage.id);
    expect(await managed(live)).toEqual({ [instanceId]: 'Online' });
  });

  it('ends at its time-out, when it is cancelled and with its instance, and all that it started with it', async () => {
    const folder = await folderOfTest();
    const second = await startInstance(live, station);
    await managed(live);
    const sleeper = (name: string, more = {}) =>
      shell(second, [`sleep 600 & echo $! > ${folder}/${name}`, 'echo begun', 'sleep 600'], more);
    const pidOf = async (name: string) => {
      await until(() => existsSync(`${folder}/${name}`) && readFileSync(`${folder}/${name}`, 'utf8') !== '');
      return Number(readFileSync(`${folder}/${name}`, 'utf8'));
    };
    const begin = async (name: string, more = {}) => {
      const { Command } = await live.clients.ssm.send(sleeper(name, more));
      return { CommandId: Command!.CommandId!, pid: await pidOf(name) };
    };
    const late = await begin('late', { executionTimeout: ['2'] });
    const cancelled = await begin('cancelled');
    const orphaned = await begin('orphaned');
    const pids = [late.pid, cancelled.pid, orphaned.pid];
    expect(pids.map(isAlive)).toEqual([true, true, true]);
    await live.clients.ssm.send(new CancelCommandCommand({ CommandId: cancelled.CommandId }));
    expect(await endOf(live, cancelled.CommandId, second)).toMatchObject({ Status: 'Cancelled' });
    expect(await endOf(live, late.CommandId, second)).toMatchObject({
      Status: 'TimedOut',
      StandardOutputContent: 'begun\n',
    });
    await live.clients.ec2.send(new TerminateInstancesCommand({ InstanceIds: [second] }));
    expect(await endOf(live, orphaned.CommandId, second)).toMatchObject({ Status: 'Failed' });
    expect(pids.map(isAlive)).toEqual([false, false, false]);
  });
});

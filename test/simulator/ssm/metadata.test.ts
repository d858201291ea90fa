/** What a program on an instance is told of itself, and what a stranger is told: nothing. */
import { connect } from 'node:net';
import { TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Live, openLive } from '../../support/live.ts';
import { pythonIsThere } from '../../support/python.ts';
import { buildStandingProject, plainYaml } from '../../support/standing.ts';
import { managed, openEndpoint, prepareStation, python, runOn, startInstance } from './instance.ts';

let live: Live;
let instanceId = '';

beforeAll(async () => {
  const { saved } = await buildStandingProject(plainYaml(1));
  live = await openLive(saved, 600);
  const station = await prepareStation(live);
  for (const service of ['ssm', 'ssmmessages']) await openEndpoint(live, station, service);
  instanceId = await startInstance(live, station);
  await managed(live);
});

afterAll(() => live.close());

const ask = `
import json, urllib.error, urllib.request
def ask(path, method="GET", **headers):
    request = urllib.request.Request("http://169.254.169.254/latest/" + path, method=method, headers=headers)
    try:
        return urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=2).read().decode()
    except urllib.error.HTTPError as error:
        return error.code
`;

describe.skipIf(!pythonIsThere())('the metadata service', () => {
  it('tells nothing without a session token (F-286)', async () => {
    const { StandardOutputContent } = await runOn(
      live,
      instanceId,
      python(`${ask}
print(ask("meta-data/instance-id"), ask("api/token", "PUT"), ask("meta-data/instance-id", **{"X-aws-ec2-metadata-token": "x"}))`),
    );
    expect(StandardOutputContent).toBe('401 400 401\n');
  });

  it('tells instance and role, and gives credentials that act as them (F-748)', async () => {
    const { StandardOutputContent = '' } = await runOn(
      live,
      instanceId,
      python(`${ask}
token = ask("api/token", "PUT", **{"X-aws-ec2-metadata-token-ttl-seconds": "60"})
session = {"X-aws-ec2-metadata-token": token}
role = ask("meta-data/iam/security-credentials/", **session)
found = json.loads(ask("meta-data/iam/security-credentials/" + role, **session))
print(json.dumps([ask("meta-data/instance-id", **session), ask("meta-data/placement/region", **session), role,
                  found["AccessKeyId"][:4], ask("meta-data/public-keys", **session)]))`),
    );
    expect(JSON.parse(StandardOutputContent)).toEqual([instanceId, 'us-east-1', 'station', 'ASIA', 404]);
  });
});

it('who has no token of a process that runs gets nothing out of the port at which those ask', async () => {
  const { StandardOutputContent = '' } = await runOn(live, instanceId, ['echo $SIMULATED_NETWORK']);
  const [port, token = ''] = StandardOutputContent.trim().split(':');
  expect(token).toMatch(/^[0-9a-f]{32}$/);
  const said = (line: string) =>
    new Promise<string>((resolve) => {
      let text = '';
      const socket = connect(Number(port), '127.0.0.1', () => socket.write(`${line}\n`));
      socket.on('data', (chunk) => {
        text += chunk.toString('latin1');
      });
      socket.on('close', () => resolve(text));
    });
  // The first one had a token, and has ended.
  const asked = [token, '0'.repeat(32)].flatMap((one) => [
    `CONNECT ${one} 169.254.169.254 80`,
    `RESOLVE ${one} ssm.us-east-1.amazonaws.com`,
  ]);
  expect(await Promise.all(asked.map(said))).toEqual(['', '', '', '']);
});

it('a command is not sent to an instance that was terminated (F-743)', async () => {
  await live.clients.ec2.send(new TerminateInstancesCommand({ InstanceIds: [instanceId] }));
  await expect(runOn(live, instanceId, ['true'])).rejects.toThrow(/not in a valid state for account 123456789012/);
});

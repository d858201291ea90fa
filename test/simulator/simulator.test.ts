import { Agent, request } from 'node:http';
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { expect, test } from 'vitest';
import { RealClock, VirtualClock } from '../../src/shared/clock.ts';
import { type SavedSimulator, startSimulator } from '../../src/simulator/simulator.ts';
import { openTestSimulator, startTestSimulator, withSimulator } from '../support/simulator.ts';

const create = new CreateSecretCommand({ Name: 'reader', SecretString: 'kept' });

test('a saved simulator goes on where it was', async () => {
  const saved = await withSimulator({ settings: { account: '111122223333' } }, async ({ simulator, clientConfig }) => {
    await new SecretsManagerClient(clientConfig).send(create);
    return structuredClone(await simulator.save());
  });
  const { clientConfig } = await startTestSimulator({ saved });
  const secret = await new SecretsManagerClient(clientConfig).send(new GetSecretValueCommand({ SecretId: 'reader' }));
  expect(secret.SecretString).toBe('kept');
  const identity = await new STSClient(clientConfig).send(new GetCallerIdentityCommand({}));
  expect(identity.Account).toBe('111122223333');
});

test('the world does not age while it is saved', async () => {
  const saved = await withSimulator({}, async ({ simulator }) => {
    simulator.world.skip(1_000_000_000);
    return simulator.save();
  });
  const { simulator } = await startTestSimulator({ saved });
  expect(simulator.world.now() - saved.world.now).toBeLessThan(60_000);
});

test('a world of another version is refused with the way out', async () => {
  const saved = await withSimulator({}, ({ simulator }) => simulator.save());
  const newer = { ...saved, version: 2 as 1 };
  await expect(startSimulator({ clock: new RealClock(), saved: newer })).rejects.toMatchObject({
    code: 'sim/unreadable',
  });
});

test('what may have changed something is reported after it has', async () => {
  let names: unknown;
  const { simulator, clientConfig } = await startTestSimulator({
    onMutation: () => {
      names = simulator.requests.mutating().map(({ operation }) => operation);
    },
  });
  const client = new SecretsManagerClient(clientConfig);
  await client.send(new ListSecretsCommand({}));
  expect(names).toBeUndefined();
  await client.send(create);
  expect(names).toEqual(['CreateSecret']);
});

test('a change is kept before it is answered: a simulator that is killed forgets nothing that it has told', async () => {
  let kept: SavedSimulator | undefined;
  const keep = (saved: SavedSimulator) => {
    kept = structuredClone(saved);
  };
  const { clientConfig } = await startTestSimulator({ keep });
  const client = new SecretsManagerClient(clientConfig);
  await client.send(new ListSecretsCommand({}));
  expect(kept).toBeUndefined();
  await client.send(create);
  const { clientConfig: next } = await startTestSimulator({ saved: kept });
  const { SecretList } = await new SecretsManagerClient(next).send(new ListSecretsCommand({}));
  expect(SecretList?.map(({ Name }) => Name)).toEqual(['reader']);
});

test('closing ends connections that a client keeps alive', async () => {
  const { simulator } = await openTestSimulator();
  const agent = new Agent({ keepAlive: true });
  const ended = new Promise<void>((resolve) => {
    request(simulator.url, { agent }, (response) => {
      response.socket.once('close', resolve);
      response.resume();
    }).end();
  });
  // The response has come and its connection is idle when the next request has been answered.
  await fetch(simulator.url);
  await simulator.close();
  await ended;
});

test('a port that is taken is an error, not a wait', async () => {
  const { simulator } = await startTestSimulator();
  const port = Number(new URL(simulator.url).port);
  await expect(startSimulator({ clock: new RealClock(), port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
});

test('in virtual time a delayed answer costs AWS time only', async () => {
  const { simulator, clock, clientConfig } = await startTestSimulator({ virtual: true });
  simulator.intercept(() => ({ delayMs: 3_600_000 }));
  await clock.track(new STSClient(clientConfig).send(new GetCallerIdentityCommand({})));
  expect(clock).toBeInstanceOf(VirtualClock);
  expect(clock.elapsed()).toBe(3_600_000);
});

test('virtual time stands still while a request is under way, and passes in sleeps', async () => {
  const { simulator, clock, clientConfig } = await startTestSimulator({ virtual: true });
  const sts = new STSClient(clientConfig);
  const before = simulator.world.now();
  const slept = clock.sleep(60_000).then(() => simulator.world.now() - before);
  await clock.track(sts.send(new GetCallerIdentityCommand({})));
  expect(await slept).toBe(60_000);
});

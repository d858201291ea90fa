import { CreateRoleCommand, IAMClient, UpdateAssumeRolePolicyCommand } from '@aws-sdk/client-iam';
import { expect, test } from 'vitest';
import { roleStanding } from '../../../src/simulator/services/iam/lookup.ts';
import { startTestSimulator } from '../../support/simulator.ts';

const redshift = ['redshift.amazonaws.com', 'redshift-serverless.amazonaws.com'];
const trust = (service: string) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' },
  });

async function startWithRole(service: string) {
  const { clientConfig, clock, simulator } = await startTestSimulator({ virtual: true });
  const iam = new IAMClient(clientConfig);
  const RoleName = 'loader';
  const made = await clock.track(
    iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust(service) })),
  );
  const arn = made.Role?.Arn ?? '';
  const standing = () => roleStanding(simulator.world.place('eu-west-1'), arn, redshift);
  const retrust = (document: string) =>
    clock.track(iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: document })));
  return { clock, standing, retrust };
}

test('a new role is unknown to services for some seconds, in every region alike (F-505)', async () => {
  const { clock, standing } = await startWithRole('redshift-serverless.amazonaws.com');
  expect(standing()).toBe('propagating');
  await clock.sleep(12_000);
  expect(standing()).toBe('usable');
});

test('a role that trusts another service is of no use', async () => {
  const { clock, standing } = await startWithRole('ec2.amazonaws.com');
  await clock.sleep(12_000);
  expect(standing()).toBe('untrusted');
});

test('a changed trust takes its time, too (F-505)', async () => {
  const { clock, retrust, standing } = await startWithRole('ec2.amazonaws.com');
  await clock.sleep(12_000);
  await retrust(trust('redshift.amazonaws.com'));
  expect(standing()).toBe('propagating');
  await clock.sleep(12_000);
  expect(standing()).toBe('usable');
});

test('a role that is not there is absent', async () => {
  const { simulator } = await startTestSimulator();
  const place = simulator.world.place('us-east-1');
  expect(roleStanding(place, 'arn:aws:iam::123456789012:role/nobody', redshift)).toBe('absent');
});

import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { expect, test } from 'vitest';
import { startTestSimulator } from '../../support/simulator.ts';

test('the caller is a user of the simulated account', async () => {
  const { clientConfig } = await startTestSimulator({ settings: { account: '210987654321' } });
  const identity = await new STSClient(clientConfig).send(new GetCallerIdentityCommand({}));
  expect(identity).toMatchObject({ Account: '210987654321', Arn: 'arn:aws:iam::210987654321:user/rsds' });
});

test('credentials of an assumed role act as that role', async () => {
  const { clientConfig } = await startTestSimulator();
  const assume = new AssumeRoleCommand({ RoleArn: 'arn:aws:iam::123456789012:role/deploy', RoleSessionName: 'ci' });
  const { Credentials } = await new STSClient(clientConfig).send(assume);
  const credentials = {
    accessKeyId: Credentials?.AccessKeyId ?? '',
    secretAccessKey: Credentials?.SecretAccessKey ?? '',
    sessionToken: Credentials?.SessionToken ?? '',
  };
  const identity = await new STSClient({ ...clientConfig, credentials }).send(new GetCallerIdentityCommand({}));
  expect(identity.Arn).toBe('arn:aws:sts::123456789012:assumed-role/deploy/ci');
});

import { expect, test } from 'vitest';
import { RsdsError } from '../../src/shared/errors.ts';
import { withoutSecrets } from '../../src/shared/secrets.ts';
import { sqlError } from '../../src/steps/datashare/session.ts';

const password = 'Xy7kQmPz2RtUvWbN';
const hash = 'md5d41d8cd98f00b204e9800998ecf8427e';
const secret = JSON.stringify({ username: 'reporter', password });

test.each([
  `CREATE USER "reporter" PASSWORD '${password}'`,
  `CREATE USER "reporter" PASSWORD ''${password}''`,
  `syntax error near ${hash}`,
  `ALTER USER "reporter" PASSWORD '${hash}' SESSION TIMEOUT 3600`,
  secret,
  JSON.stringify({ SecretString: secret }),
  JSON.stringify(JSON.stringify({ SecretString: secret })),
  JSON.stringify({ SecretString: password }),
  `{SecretString: '${password}'}`,
  `adminUserPassword = "${password}"`,
  `GET /?X-Amz-Security-Token=${password}&X-Amz-Date=20260105`,
])('what AWS says back is told without its secret: %s', (text) => {
  const told = withoutSecrets(text);
  expect(told).toContain('[redacted]');
  expect(told).not.toContain(password);
  expect(told).not.toContain(hash);
});

test.each([
  'ALTER USER "reporter"',
  'the secret airline-dev/reader holds no password',
  'password authentication failed for user "reporter"',
  'let AWS manage the admin password',
])('nothing is taken out of: %s', (text) => {
  expect(withoutSecrets(text)).toBe(text);
});

test('errors are made without them', () => {
  expect(new RsdsError('aws/failed', `bad: ${secret}`).message).toBe(
    'bad: {"username":"reporter","password":"[redacted]"}',
  );
  const error = sqlError('CREATE USER reporter', 'airline-dev-consumer-1', `ERROR: invalid hash "${hash}"`);
  expect(error.message).toBe('"CREATE USER reporter" failed on airline-dev-consumer-1: invalid hash "[redacted]"');
});

import { describe, expect, test } from 'vitest';
import { desire } from '../../src/model/desired.ts';
import { seededRandom } from '../../src/shared/random.ts';
import { makePassword } from '../../src/steps/nlb/password.ts';
import { healthCheckOf } from '../../src/steps/nlb/target-group.ts';
import { bucketPolicy, samePolicy, trustPolicy } from '../../src/steps/producer/policies.ts';
import { differenceOf, permissionsOf, type Rule, rulesOf } from '../../src/steps/vpc/rules.ts';
import { chooseZone } from '../../src/steps/vpc/subnet.ts';
import { attachedRole } from '../../src/steps/warehouse/iam-roles.ts';
import { initialParameters, updatesOf } from '../../src/steps/warehouse/workgroup-updates.ts';
import { testConfig } from '../support/step-world.ts';

describe('the zone of a subnet', () => {
  const zones = ['use1-az4', 'use1-az1', 'use1-az2', 'use1-az6'];

  test('is its own by index, so that subnets made at once never meet', () => {
    const chosen = [0, 1, 2].map((index) => chooseZone(index, { zones, taken: [], wanted: 3 }));
    expect(chosen).toEqual(['use1-az1', 'use1-az2', 'use1-az4']);
  });

  test('is one that nobody else will want, where its own is taken', () => {
    expect(chooseZone(1, { zones, taken: ['use1-az2'], wanted: 3 })).toBe('use1-az6');
  });

  test('must be there', () => {
    const few = { zones: ['usw1-az1', 'usw1-az3'], taken: ['usw1-az1', 'usw1-az3'], wanted: 3 };
    expect(() => chooseZone(2, few)).toThrowError(expect.objectContaining({ code: 'preflight/zones' }));
  });
});

describe('rules of security groups', () => {
  const clients: Rule = { direction: 'ingress', port: 5439, peer: { cidr: '10.0.0.0/16' } };
  const out: Rule = { direction: 'egress', port: undefined, peer: { cidr: '0.0.0.0/0' } };

  test('are read one peer each, the way out that AWS adds included', () => {
    const seen = rulesOf({
      IpPermissions: [{ IpProtocol: 'tcp', FromPort: 5439, ToPort: 5439, IpRanges: [{ CidrIp: '10.0.0.0/16' }] }],
      IpPermissionsEgress: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
    });
    expect(seen).toEqual([clients, out]);
    expect(differenceOf(seen, [clients])).toEqual({ missing: [], surplus: [out] });
  });

  test('of other protocols and ranges come back as they were, so that they can be revoked', () => {
    const odd = { IpProtocol: 'udp', FromPort: 53, ToPort: 60, IpRanges: [{ CidrIp: '10.0.0.0/8' }] };
    const [back] = permissionsOf(rulesOf({ IpPermissions: [odd] }));
    expect(back).toMatchObject(odd);
  });

  test('of one port go together in one permission', () => {
    const list = permissionsOf([clients, { ...clients, peer: { group: 'sg-1' } }, { ...out, direction: 'ingress' }]);
    expect(list).toMatchObject([
      { FromPort: 5439, IpRanges: [{ CidrIp: '10.0.0.0/16' }], UserIdGroupPairs: [{ GroupId: 'sg-1' }] },
      { IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] },
    ]);
  });
});

describe('the policies of the role', () => {
  test('allow reading the listed buckets and nothing else', () => {
    const { Statement } = JSON.parse(bucketPolicy(['a', 'b'], 'cn-north-1') ?? '');
    expect(Statement).toMatchObject([
      { Action: 's3:GetObject', Resource: ['arn:aws-cn:s3:::a/*', 'arn:aws-cn:s3:::b/*'] },
      { Action: ['s3:ListBucket', 's3:GetBucketLocation'], Resource: ['arn:aws-cn:s3:::a', 'arn:aws-cn:s3:::b'] },
    ]);
    expect(bucketPolicy([], 'us-east-1')).toBeUndefined();
  });

  test('are the same in another order, and not with another action', () => {
    const reordered = trustPolicy().replace(
      '"redshift.amazonaws.com","redshift-serverless.amazonaws.com"',
      '"redshift-serverless.amazonaws.com","redshift.amazonaws.com"',
    );
    expect(reordered).not.toBe(trustPolicy());
    expect(samePolicy(reordered, trustPolicy())).toBe(true);
    expect(samePolicy(trustPolicy().replace('sts:AssumeRole', 'sts:*'), trustPolicy())).toBe(false);
    expect(samePolicy('not a document', trustPolicy())).toBe(false);
  });
});

test.each([
  ['IamRole(applyStatus=in-sync, iamRoleArn=arn:aws:iam::123456789012:role/r)', 'in-sync'],
  ['IamRole(applyStatus=adding, iamRoleArn=arn:aws:iam::123456789012:role/r)', 'adding'],
  ['arn:aws:iam::123456789012:role/r', 'in-sync'],
])('a namespace’s role is read from %s', (text, applyStatus) => {
  expect(attachedRole(text)).toEqual({ arn: 'arn:aws:iam::123456789012:role/r', applyStatus });
});

describe('updates of a workgroup', () => {
  const warehouse = {
    ...desire(testConfig).producer,
    parameters: { require_ssl: 'false', max_query_execution_time: '60' },
  };
  const wish = { warehouse, port: 5439, subnetIds: ['subnet-1'], groupId: 'sg-1' };
  const asWanted = {
    baseCapacity: 32,
    maxCapacity: 256,
    port: 5439,
    subnetIds: ['subnet-1'],
    securityGroupIds: ['sg-1'],
    configParameters: [
      { parameterKey: 'require_ssl', parameterValue: 'false' },
      { parameterKey: 'max_query_execution_time', parameterValue: '60' },
      { parameterKey: 'datestyle', parameterValue: 'ISO, MDY' },
    ],
  };

  test('are none where all is as wanted: parameters that AWS adds are not ours', () => {
    expect(updatesOf(asWanted, wish)).toEqual([]);
  });

  test('are one setting each', () => {
    const seen = { ...asWanted, baseCapacity: 8, securityGroupIds: ['sg-9'], port: 5440, publiclyAccessible: true };
    expect(updatesOf(seen, wish).map(({ input }) => Object.keys(input))).toEqual([
      ['baseCapacity'],
      ['securityGroupIds'],
      ['port'],
      ['publiclyAccessible'],
    ]);
  });

  test('say who is interrupted when TLS is changed, which can’t be given at creation', () => {
    const [update] = updatesOf({ ...asWanted, configParameters: asWanted.configParameters.slice(1) }, wish);
    expect(update).toMatchObject({
      title: 'require_ssl unset → false',
      interrupts: expect.stringContaining('restarts'),
    });
    expect(initialParameters(warehouse)).toEqual({ max_query_execution_time: '60' });
  });
});

test('the health check’s time-out is shorter than its interval', () => {
  const checks = [5, 10, 30, 300].map((healthCheckSeconds) =>
    healthCheckOf({ ...testConfig.loadBalancer, healthCheckSeconds }),
  );
  for (const check of checks) expect(check.HealthCheckTimeoutSeconds).toBeLessThan(check.HealthCheckIntervalSeconds);
});

test('passwords are what Redshift takes, need no quoting, and differ', () => {
  const random = seededRandom(1);
  const passwords = Array.from({ length: 200 }, () => makePassword(random));
  for (const password of passwords) expect(password).toMatch(/^(?=.*[A-Z])(?=.*[a-z])(?=.*\d)[A-Za-z0-9]{32}$/);
  expect(new Set(passwords).size).toBe(200);
});

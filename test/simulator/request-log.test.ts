import { expect, test } from 'vitest';
import { RequestLog } from '../../src/simulator/request-log.ts';

const request = (operation: string, mutating = false, errorCode?: string) => ({
  ...{ at: 0, service: 'ec2', operation, region: 'us-east-1', input: {}, status: 200, mutating, durationMs: 0 },
  ...{ errorCode, lost: undefined },
});

test('the oldest requests make room, the counters remember them', () => {
  const log = new RequestLog(2);
  for (const operation of ['DescribeVpcs', 'CreateVpc', 'DescribeVpcs'])
    log.add(request(operation, operation === 'CreateVpc'));
  expect(log.all().map(({ n, operation }) => [n, operation])).toEqual([
    [2, 'CreateVpc'],
    [3, 'DescribeVpcs'],
  ]);
  expect(log.counts()).toEqual({
    ...{ total: 3, mutating: 1, failed: 0 },
    byOperation: { 'ec2.DescribeVpcs': 2, 'ec2.CreateVpc': 1 },
  });
});

test('what came after a number, and what changed something', () => {
  const log = new RequestLog();
  log.add(request('CreateVpc', true));
  log.add(request('DescribeVpcs'));
  log.add(request('DeleteVpc', true, 'DependencyViolation'));
  expect(log.since(1).map(({ operation }) => operation)).toEqual(['DescribeVpcs', 'DeleteVpc']);
  expect(log.mutating().map(({ n }) => n)).toEqual([1, 3]);
  expect(log.counts().failed).toBe(1);
});

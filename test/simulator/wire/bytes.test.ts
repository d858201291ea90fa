/** The protocols byte by byte, as other clients than the JavaScript SDK speak them. */
import { gzipSync } from 'node:zlib';
import { cbor } from '@smithy/core/cbor';
import { expect, test } from 'vitest';
import { ApiError, type Operation, type Service } from '../../../src/simulator/service.ts';
import { post, signed, startWire } from './wire-fixture.ts';

const REQUEST_ID = /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/;

const serving = (name: string, operation: string, handler: Operation<never, unknown>): Service => ({
  name,
  operations: { [operation]: handler },
});

/** Keeps what the operation was called with. */
function recorder(name: string, operation: string, output: unknown = {}) {
  const calls: unknown[] = [];
  const service = serving(name, operation, (input: unknown) => {
    calls.push(input);
    return output;
  });
  return { service, calls };
}

const target = (service: string, name: string) => ({ ...signed(service), 'x-amz-target': name });
const form = { 'content-type': 'application/x-www-form-urlencoded' };

test('JSON 1.1: the answer leaves out what is absent and writes times as the member asks', async () => {
  const workgroup = { workgroupName: 'w', creationDate: new Date('2026-01-05T09:00:00Z'), port: undefined, secret: 1 };
  const { service } = recorder('redshift-serverless', 'GetWorkgroup', { workgroup });
  const { url } = await startWire([service]);
  const headers = target('redshift-serverless', 'RedshiftServerless.GetWorkgroup');
  const answered = await post(url, headers, '{"workgroupName":"abc"}');
  expect(answered.text).toBe('{"workgroup":{"workgroupName":"w","creationDate":"2026-01-05T09:00:00.000Z"}}');
  expect(answered.headers.get('content-type')).toBe('application/x-amz-json-1.1');
  expect(answered.headers.get('x-amzn-requestid')).toMatch(REQUEST_ID);
});

test('JSON 1.1: epoch seconds where the model names no format', async () => {
  const { service } = recorder('redshift-data', 'DescribeStatement', {
    Id: '1',
    CreatedAt: new Date(1_700_000_000_500),
  });
  const { url } = await startWire([service]);
  const answered = await post(
    url,
    target('redshift-data', 'RedshiftData.DescribeStatement'),
    '{"Id":"d9b6c0c9-0747-4bf4-b142-e8883122f766"}',
  );
  expect(JSON.parse(answered.text)).toEqual({ Id: '1', CreatedAt: 1_700_000_000.5 });
});

test('the operation is what follows the last dot of the target', async () => {
  const { service, calls } = recorder('monitoring', 'DescribeAlarms');
  const { url } = await startWire([service]);
  await post(url, target('monitoring', 'com.amazonaws.cloudwatch.GraniteServiceVersion20100801.DescribeAlarms'), '{}');
  expect(calls).toEqual([{}]);
});

test('a gzip body is read', async () => {
  const { service, calls } = recorder('monitoring', 'PutMetricData');
  const { url } = await startWire([service]);
  const headers = {
    ...target('monitoring', 'GraniteServiceVersion20100801.PutMetricData'),
    'content-encoding': 'gzip',
  };
  await post(url, headers, Uint8Array.from(gzipSync('{"Namespace":"N"}')));
  expect(calls).toEqual([{ Namespace: 'N' }]);
});

test('null members and members that the model does not know are no members', async () => {
  const { service, calls } = recorder('kms', 'ListKeys');
  const { url } = await startWire([service]);
  await post(url, target('kms', 'TrentService.ListKeys'), '{"Limit":null,"Fancy":1,"Marker":"m"}');
  expect(calls).toEqual([{ Marker: 'm' }]);
});

test('a body that is not JSON is a SerializationException', async () => {
  const { url } = await startWire([]);
  const answered = await post(url, target('kms', 'TrentService.ListKeys'), '{');
  expect(answered.status).toBe(400);
  expect(JSON.parse(answered.text)).toMatchObject({ __type: 'SerializationException' });
});

test('a modelled JSON error has its type twice and its own members', async () => {
  const service = serving('redshift-serverless', 'GetWorkgroup', () => {
    throw new ApiError('ResourceNotFoundException', 'no w', { members: { resourceName: 'w' } });
  });
  const { url } = await startWire([service]);
  const headers = target('redshift-serverless', 'RedshiftServerless.GetWorkgroup');
  const answered = await post(url, headers, '{"workgroupName":"abc"}');
  expect(answered.status).toBe(404);
  expect(answered.headers.get('x-amzn-errortype')).toBe('ResourceNotFoundException');
  expect(JSON.parse(answered.text)).toEqual({
    __type: 'ResourceNotFoundException',
    message: 'no w',
    resourceName: 'w',
  });
});

test('CloudWatch also tells the code of its query days', async () => {
  const service = serving('monitoring', 'GetDashboard', () => {
    throw new ApiError('DashboardNotFoundError', 'no such dashboard');
  });
  const { url } = await startWire([service]);
  const headers = target('monitoring', 'GraniteServiceVersion20100801.GetDashboard');
  const answered = await post(url, headers, '{"DashboardName":"d"}');
  expect(answered.headers.get('x-amzn-query-error')).toBe('ResourceNotFound;Sender');
});

test('CBOR: the operation comes from the path, a date is a tagged number', async () => {
  const { service } = recorder('monitoring', 'DescribeAlarms', {
    MetricAlarms: [{ AlarmName: 'a', StateUpdatedTimestamp: new Date(1_700_000_000_000) }],
  });
  const { url } = await startWire([service]);
  const headers = { ...signed('monitoring'), 'smithy-protocol': 'rpc-v2-cbor', 'content-type': 'application/cbor' };
  const path = '/service/GraniteServiceVersion20100801/operation/DescribeAlarms';
  const body = Uint8Array.from(cbor.serialize({ MaxRecords: 1 }));
  const response = await fetch(url + path, { method: 'POST', headers, body });
  const bytes = new Uint8Array(await response.arrayBuffer());
  expect(response.headers.get('smithy-protocol')).toBe('rpc-v2-cbor');
  expect(Buffer.from(bytes).toString('latin1')).toContain('AlarmNameaa');
  // Major type 6, tag 1: seconds since the epoch.
  expect(Buffer.from(bytes).toString('hex')).toContain('c11a6553f100');
});

test('query: result and metadata are wrapped, lists are read in each of their forms', async () => {
  const { service, calls } = recorder('elasticloadbalancing', 'DescribeTargetGroups', {
    TargetGroups: [{ TargetGroupName: 'a<b', LoadBalancerArns: [] }],
  });
  const { url } = await startWire([service]);
  const body = 'Action=DescribeTargetGroups&Version=2015-12-01&Names.member.1=a&Names.member.2=b&TargetGroupArns=';
  const answered = await post(url, { ...signed('elasticloadbalancing'), ...form }, body);
  expect(calls).toEqual([{ Names: ['a', 'b'], TargetGroupArns: [] }]);
  expect(answered.text.replace(REQUEST_ID, 'ID')).toBe(
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
      '<DescribeTargetGroupsResponse xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/">' +
      '<DescribeTargetGroupsResult><TargetGroups><member><TargetGroupName>a&lt;b</TargetGroupName>' +
      '<LoadBalancerArns></LoadBalancerArns></member></TargetGroups></DescribeTargetGroupsResult>' +
      '<ResponseMetadata><RequestId>ID</RequestId></ResponseMetadata></DescribeTargetGroupsResponse>',
  );
});

test('query: an error carries the wire code of its shape, not its name', async () => {
  const service = serving('iam', 'GetRole', () => {
    throw new ApiError('NoSuchEntityException', 'no role\u0000 & no name');
  });
  const { url } = await startWire([service]);
  const answered = await post(url, { ...signed('iam'), ...form }, 'Action=GetRole&Version=2010-05-08&RoleName=r');
  expect(answered.status).toBe(404);
  expect(answered.text).toContain(
    '<Error><Type>Sender</Type><Code>NoSuchEntity</Code><Message>no role &amp; no name</Message></Error>',
  );
});

test('a query request may come as a GET with everything in its address', async () => {
  const { service, calls } = recorder('sts', 'GetCallerIdentity');
  const { url } = await startWire([service]);
  const scope = encodeURIComponent('AKIATEST/20260105/us-east-1/sts/aws4_request');
  const query = `?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Credential=${scope}&X-Amz-Signature=0`;
  expect((await fetch(url + query)).status).toBe(200);
  expect(calls).toEqual([{}]);
});

test('EC2: members stand beside the request id, lists are numbered and their items are called item', async () => {
  const { service, calls } = recorder('ec2', 'DescribeSubnets', { Subnets: [{ SubnetId: 'subnet-1', Tags: [] }] });
  const { url } = await startWire([service]);
  const body =
    'Action=DescribeSubnets&Version=2016-11-15&SubnetId.1=subnet-1&Filter.1.Name=vpc-id&Filter.1.Value.1=v&Filter.1.Value.2=w';
  const answered = await post(url, { ...signed('ec2'), ...form }, body);
  expect(calls).toEqual([{ SubnetIds: ['subnet-1'], Filters: [{ Name: 'vpc-id', Values: ['v', 'w'] }] }]);
  expect(answered.text.replace(REQUEST_ID, 'ID')).toBe(
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
      '<DescribeSubnetsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>ID</requestId>' +
      '<subnetSet><item><tagSet></tagSet><subnetId>subnet-1</subnetId></item></subnetSet></DescribeSubnetsResponse>',
  );
});

test('EC2: errors are free codes', async () => {
  const service = serving('ec2', 'DescribeSubnets', () => {
    throw new ApiError('InvalidSubnetID.NotFound', "The subnet ID 'subnet-1' does not exist");
  });
  const { url } = await startWire([service]);
  const answered = await post(url, { ...signed('ec2'), ...form }, 'Action=DescribeSubnets&Version=2016-11-15');
  expect(answered.status).toBe(400);
  expect(answered.text).toContain(
    '<Response><Errors><Error><Code>InvalidSubnetID.NotFound</Code>' +
      '<Message>The subnet ID &apos;subnet-1&apos; does not exist</Message></Error></Errors><RequestID>',
  );
});

test('the Date header is the time of the world', async () => {
  const { url, world } = await startWire([]);
  world.skip(30 * 24 * 3_600_000);
  const answered = await post(url, target('kms', 'TrentService.ListKeys'), '{}');
  expect(Math.abs(Date.parse(answered.headers.get('date') ?? '') - world.now())).toBeLessThan(60_000);
});

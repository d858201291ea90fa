/** Scaling in: nothing of a consumer is taken away before its connections have drained. */
import { CreateNamespaceCommand, RedshiftServerlessClient } from '@aws-sdk/client-redshift-serverless';
import { describe, expect, it } from 'vitest';
import { createAws } from '../../src/aws/aws.ts';
import { seededRandom } from '../../src/shared/random.ts';
import { openProject, type Ran } from '../support/project.ts';
import { clientConfigOf } from '../support/simulator.ts';

const yaml = (count: number) => `project: airline
region: us-east-1
producer: { database: airline_dw, baseCapacity: 8 }
consumers: { count: ${count}, baseCapacity: 8 }
datashare: { name: airline_share, schemas: [public], consumerDatabase: airline, reader: reporter }
`;

it('scaling in drains before it deletes, and waits three minutes at least', async () => {
  const project = await openProject({ yaml: yaml(2) });
  expect((await project.run('up')).error).toBeUndefined();
  const ran = await project.run('scale', { options: { consumers: 1 } });
  expect(ran.error).toBeUndefined();
  const changes = ran.requests.filter(({ mutating, service }) => mutating && service !== 'dynamodb');
  const order = changes.map(({ service, operation }) => `${service}.${operation}`);
  expect(order.filter((call) => call !== 'redshift-data.ExecuteStatement')).toEqual([
    'elasticloadbalancing.DeregisterTargets',
    'redshift-serverless.DeleteEndpointAccess',
    'redshift-serverless.DeleteWorkgroup',
    'redshift-serverless.DeleteNamespace',
  ]);
  const [deregistered, next] = changes;
  expect(next!.at - deregistered!.at).toBeGreaterThanOrEqual(180_000);
});

it('a consumer that is still at work stays deregistered and whole, and the run says why', async () => {
  const project = await openProject({ yaml: yaml(2) });
  await project.run('up');
  const { CloudWatchClient, PutMetricDataCommand } = await import('@aws-sdk/client-cloudwatch');
  const client = new CloudWatchClient(clientConfigOf(project.simulator.url));
  const Dimensions = [{ Name: 'Workgroup', Value: 'airline-dev-consumer-2' }];
  const point = () => ({
    MetricName: 'DatabaseConnections',
    Dimensions,
    Value: 3,
    Timestamp: new Date(project.clock.now()),
  });
  // Somebody's connections, as long as anybody looks.
  const busy = async () => {
    for (let minute = 0; minute < 40; minute++) {
      await project.clock.track(
        client.send(new PutMetricDataCommand({ Namespace: 'AWS/Redshift-Serverless', MetricData: [point()] })),
      );
      await project.clock.sleep(60_000, { background: true });
    }
  };
  void busy().catch(() => {});
  const ran = await project.run('scale', { options: { consumers: 1 } });
  client.destroy();
  expect(ran.error).toMatchObject({ code: 'step/timeout', exitCode: 1, message: expect.stringContaining('busy') });
  const deleted = ran.requests.filter(({ operation }) => /^Delete/.test(operation));
  expect(deleted).toEqual([]);
  expect(ran.events.some((event) => event.event === 'resource-waiting' && /3 connections/.test(event.why ?? ''))).toBe(
    true,
  );
});

const mutating = ({ requests }: Ran) =>
  requests.filter((one) => one.mutating && !['dynamodb', 'redshift-data'].includes(one.service));

it('removes the consumer that is named, and writes down that its number is left out', async () => {
  const project = await openProject({ yaml: yaml(3) });
  await project.run('up');
  const ran = await project.run('scale', { options: { remove: ['consumer-2'] } });
  expect(ran.error).toBeUndefined();
  const gone = mutating(ran).filter(({ operation }) => operation === 'DeleteWorkgroup');
  expect(gone.map(({ input }) => input)).toEqual([{ workgroupName: 'airline-dev-consumer-2' }]);
  const again = await project.run('scale', { options: { remove: ['consumer-2'] } });
  expect([again.error, mutating(again)]).toEqual([undefined, []]);
  const more = await project.run('scale', { options: { consumers: 3 } });
  expect(mutating(more).find(({ operation }) => operation === 'CreateWorkgroup')?.input).toMatchObject({
    workgroupName: 'airline-dev-consumer-4',
  });
});

it('the last healthy consumer goes only when another one answers', async () => {
  const project = await openProject({ yaml: yaml(2) });
  await project.run('up');
  // Somebody takes away what leads to consumer-1: consumer-2 is all that clients have.
  const { endpoint, credentials, region } = clientConfigOf(project.simulator.url);
  const { clock } = project;
  const aws = createAws({ region, clock, random: seededRandom(9), environment: {}, endpoint, credentials });
  const [first] = (await aws.serverless.listEndpointAccess()).filter(({ workgroupName }) =>
    /-1$/.test(workgroupName ?? ''),
  );
  await aws.serverless.deleteEndpointAccess(first?.endpointName ?? '');
  await clock.sleep(10 * 60_000);
  const ran = await project.run('scale', { options: { consumers: 1 } });
  expect(ran.error).toBeUndefined();
  const order = mutating(ran).map(({ operation }) => operation);
  expect(order.indexOf('RegisterTargets')).toBeGreaterThan(order.indexOf('CreateEndpointAccess'));
  const leaves = ran.requests.filter(({ operation }) => operation === 'DeregisterTargets').at(-1);
  const admitted = ran.requests.find(({ operation }) => operation === 'RegisterTargets');
  // Registered, then healthy with its first checks.
  expect((leaves?.at ?? 0) - (admitted?.at ?? 0)).toBeGreaterThan(15_000);
  const why = ran.events.flatMap((event) => (event.event === 'resource-waiting' ? [event.why ?? ''] : []));
  expect(why).toContain('0 of the consumers that stay are healthy, 1 must be before consumer-2 goes');
});

it('nobody is left only when that is asked for by name', async () => {
  const project = await openProject({ yaml: yaml(1) });
  await project.run('up');
  const refused = await project.run('scale', { options: { consumers: 0 } });
  expect([refused.error, mutating(refused)]).toMatchObject([{ code: 'usage/invalid', hint: /--min-healthy 0/ }, []]);
  expect((await project.run('scale', { options: { consumers: 0, minHealthy: 0 } })).error).toBeUndefined();
});

describe('replacing a consumer', () => {
  const order = (ran: Ran) =>
    mutating(ran).flatMap(({ operation, input }) => {
      const { workgroupName } = input as { workgroupName?: string };
      return /Workgroup|Targets/.test(operation) ? [`${operation} ${workgroupName ?? ''}`.trim()] : [];
    });

  it('brings another one in before the old one goes', async () => {
    const project = await openProject({ yaml: yaml(2) });
    await project.run('up');
    const ran = await project.run('replace', { arguments: { consumer: 'consumer-1' } });
    expect(ran.error).toBeUndefined();
    expect(order(ran)).toEqual([
      'CreateWorkgroup airline-dev-consumer-3',
      'RegisterTargets',
      'DeregisterTargets',
      'DeleteWorkgroup airline-dev-consumer-1',
    ]);
    const again = await project.run('replace', { arguments: { consumer: 'consumer-1' } });
    expect([again.error, mutating(again)]).toEqual([undefined, []]);
  });

  it('lets the old one go first where the quota leaves no room for both', async () => {
    const project = await openProject({ yaml: yaml(2) });
    await project.run('up');
    const client = new RedshiftServerlessClient(clientConfigOf(project.simulator.url));
    // Three are ours; colleagues have the other twenty-two (F-572).
    for (let number = 1; number <= 22; number++)
      await project.clock.track(client.send(new CreateNamespaceCommand({ namespaceName: `colleague-${number}` })));
    client.destroy();
    await project.clock.sleep(60_000);
    const ran = await project.run('replace', { arguments: { consumer: 'consumer-1' } });
    expect(ran.error).toBeUndefined();
    expect(ran.stderr).toContain('25 of 25 are in use: consumer-1 goes before another one comes');
    expect(order(ran)).toEqual([
      'DeregisterTargets',
      'DeleteWorkgroup airline-dev-consumer-1',
      'CreateWorkgroup airline-dev-consumer-3',
      'RegisterTargets',
    ]);
  });

  it('refuses one that is not there', async () => {
    const project = await openProject({ yaml: yaml(2) });
    const ran = await project.run('replace', { arguments: { consumer: 'consumer-7' } });
    expect(ran.error).toMatchObject({ code: 'usage/invalid', message: 'consumer-7 is not one of the consumers' });
  });
});

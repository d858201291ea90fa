/** Scaling in: nothing of a consumer is taken away before its connections have drained. */
import { expect, it } from 'vitest';
import { openProject } from '../support/project.ts';

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
  const { clientConfigOf } = await import('../support/simulator.ts');
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

/** Scaling in: nothing of a consumer is taken away before its connections have drained. */
import { CreateNamespaceCommand, RedshiftServerlessClient } from '@aws-sdk/client-redshift-serverless';
import { describe, expect, it } from 'vitest';
import { createAws } from '../../src/aws/aws.ts';
import { seededRandom } from '../../src/shared/random.ts';
import { openProject, type Ran } from '../support/project.ts';
import { clientConfigOf } from '../support/simulator.ts';
import { somebodyAt } from '../support/somebody.ts';

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

const notes = ({ events }: Ran) => events.flatMap((event) => (event.event === 'note' ? [event.text] : []));

describe('clients of a consumer that goes', () => {
  it('who only rest are sent away before anything is deleted, so that they connect again elsewhere', async () => {
    const project = await openProject({ yaml: yaml(2) });
    await project.run('up');
    const clients = [1, 2, 3].map(() => somebodyAt(project, 'consumer-2', 'rest'));
    const stays = somebodyAt(project, 'consumer-1', 'rest');
    const ran = await project.run('scale', { options: { consumers: 1 } });
    expect(ran.error).toBeUndefined();
    expect([...clients, stays].map((one) => one.connected())).toEqual([false, false, false, true]);
    expect(notes(ran)).toContain('ended 3 sessions on consumer-2 that rested');
  });

  it('whose queries run are waited for, and the price of looking is said before', async () => {
    const project = await openProject({ yaml: yaml(2) });
    await project.run('up');
    const client = somebodyAt(project, 'consumer-2', 'work');
    const done = project.clock.sleep(10 * 60_000, { background: true }).then(() => client.finish());
    const ran = await project.run('scale', { options: { consumers: 1 } });
    await done;
    expect(ran.error).toBeUndefined();
    const [price, ...then] = notes(ran).filter((note) => note.includes('consumer-2'));
    expect(price).toMatch(
      /^looking by SQL who is connected to consumer-2; asleep, it wakes 1 warehouse, about \$0\.05$/,
    );
    expect(then).toContain('1 of 1 session on consumer-2 is in use');
    const [deregistered, next] = mutating(ran);
    expect((next?.at ?? 0) - (deregistered?.at ?? 0)).toBeGreaterThanOrEqual(10 * 60_000);
  });

  it('whose queries outlast the time-out keep their consumer, out of the load balancer and whole', async () => {
    const project = await openProject({ yaml: yaml(2) });
    await project.run('up');
    const client = somebodyAt(project, 'consumer-2', 'work');
    const ran = await project.run('scale', { options: { consumers: 1, drainTimeout: 5 * 60_000 } });
    expect(ran.error).toMatchObject({
      code: 'step/at-work',
      exitCode: 1,
      message: expect.stringMatching(
        /^consumer-2 is still at work for clients after .*: query \d+ of session \d+, for /,
      ),
      hint: expect.stringContaining('--force'),
    });
    expect(mutating(ran).map(({ operation }) => operation)).toEqual(['DeregisterTargets']);
    expect(client.connected()).toBe(true);
    const forced = await project.run('scale', { options: { consumers: 1, force: true } });
    expect(forced.error).toBeUndefined();
    expect(client.connected()).toBe(false);
    expect(mutating(forced).map(({ operation }) => operation)).toContain('DeleteWorkgroup');
  });

  it('are asked about by SQL only where CloudWatch does not tell that nobody is there', async () => {
    const project = await openProject({ yaml: yaml(2) });
    await project.run('up');
    const { CloudWatchClient, PutMetricDataCommand } = await import('@aws-sdk/client-cloudwatch');
    const client = new CloudWatchClient(clientConfigOf(project.simulator.url));
    const quiet = async () => {
      for (let minute = 0; minute < 40; minute++) {
        const Timestamp = new Date(project.clock.now());
        const Dimensions = [{ Name: 'Workgroup', Value: 'airline-dev-consumer-2' }];
        const MetricData = [{ MetricName: 'DatabaseConnections', Dimensions, Value: 0, Timestamp }];
        const put = new PutMetricDataCommand({ Namespace: 'AWS/Redshift-Serverless', MetricData });
        await project.clock.track(client.send(put));
        await project.clock.sleep(60_000, { background: true });
      }
    };
    void quiet().catch(() => {});
    // CloudWatch lists a new metric after a while (F-581).
    await project.clock.sleep(16 * 60_000);
    const ran = await project.run('scale', { options: { consumers: 1 } });
    client.destroy();
    expect(ran.error).toBeUndefined();
    const onTheLeaving = ran.requests.filter(
      ({ operation, input }) => operation === 'ExecuteStatement' && /consumer-2/.test(JSON.stringify(input)),
    );
    expect(onTheLeaving).toEqual([]);
  });
});

it('saves what clients have made on a consumer that goes, once they have gone, where that is asked for', async () => {
  const project = await openProject({ yaml: yaml(2) });
  await project.run('up');
  const ran = await project.run('scale', { options: { consumers: 1, snapshot: true } });
  expect(ran.error).toBeUndefined();
  const order = mutating(ran).map(({ operation }) => operation);
  expect(order.filter((call) => /Snapshot|Targets|Workgroup|Namespace/.test(call))).toEqual([
    'DeregisterTargets',
    'CreateSnapshot',
    'DeleteWorkgroup',
    'DeleteNamespace',
  ]);
  expect(ran.requests.find(({ operation }) => operation === 'CreateSnapshot')?.input).toMatchObject({
    namespaceName: 'airline-dev-consumer-2',
    snapshotName: 'airline-dev-consumer-2-left',
    retentionPeriod: 7,
  });
  // The number comes again, and with it another life of the name.
  await project.run('scale', { options: { consumers: 2 } });
  const again = await project.run('scale', { options: { consumers: 1, snapshot: true } });
  expect(again.error).toBeUndefined();
  expect(again.requests.find(({ operation }) => operation === 'CreateSnapshot')?.input).toMatchObject({
    snapshotName: 'airline-dev-consumer-2-left-2',
  });
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

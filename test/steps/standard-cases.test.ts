/**
 * The five cases that every kind of resource has to pass: absent → present, present → no write, one field drifted → one
 * call, every mutating call made twice → the same end, somebody else's → refused.
 */
import { DeleteTagsCommand, EC2Client, type Tag } from '@aws-sdk/client-ec2';
import { ElasticLoadBalancingV2Client, RemoveTagsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { IAMClient, UntagRoleCommand } from '@aws-sdk/client-iam';
import { DisableKeyRotationCommand, KMSClient, UntagResourceCommand as UntagKey } from '@aws-sdk/client-kms';
import {
  RedshiftServerlessClient,
  UntagResourceCommand as UntagServerless,
  UpdateUsageLimitCommand,
} from '@aws-sdk/client-redshift-serverless';
import { SecretsManagerClient, UntagResourceCommand as UntagSecret } from '@aws-sdk/client-secrets-manager';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Target } from '../../src/engine/plan.ts';
import type { Change, Resource } from '../../src/engine/resource.ts';
import type { Clock } from '../../src/shared/clock.ts';
import { ServiceError } from '../../src/shared/errors.ts';
import { buildStanding, openStanding, plannedChanges, type Standing, targetsOf, up } from '../support/environment.ts';
import { clientConfigOf } from '../support/simulator.ts';
import { fullConfig, openStepWorld, type StepWorld } from '../support/step-world.ts';

let standing: Standing;
beforeAll(async () => {
  standing = await buildStanding({ config: fullConfig() });
});

const reopen = () => openStanding(standing, { config: fullConfig() });

/** What the ledger recorded of a resource when it settled: the id that AWS chose. */
const idOf = (id: string): string => String(standing.document.resources[id]?.data.id);

// --- absent → present, present → no write ------------------------------------------------------------------------

test('absent → present: everything settles, and is recorded with its id', async () => {
  const world = await openStepWorld({ config: fullConfig() });
  const targets = await targetsOf(world);
  await world.bring(targets);
  const present = targets.filter(({ goal }) => goal === 'present').map(({ resource }) => resource.id);
  const settled = present.filter((id) => world.ledger.document().resources[id]?.state === 'settled');
  expect(settled).toEqual(present);
});

test('present → no write, and nothing planned', async () => {
  const world = await reopen();
  expect(await plannedChanges(world, await targetsOf(world))).toEqual([]);
  expect(await world.mutationsOf(() => up(world))).toEqual([]);
});

test('present, with the ledger lost → no write either', async () => {
  const world = await reopen();
  world.loseLedger();
  expect(await world.mutationsOf(() => up(world))).toEqual([]);
  expect(world.ledger.document().resources['nlb/load-balancer']?.data.id).toBe(idOf('nlb/load-balancer'));
});

// --- one field drifted → one call ----------------------------------------------------------------------------------

interface Drift {
  /** What happens behind rsds's back. */
  readonly what: string;
  readonly happens: (world: StepWorld, clients: Clients) => Promise<unknown>;
  /** The one resource that the plan names, and the one call that mends it. */
  readonly mends: readonly [id: string, call: string];
}

const drifts: readonly Drift[] = [
  {
    what: 'DNS names are switched off',
    happens: ({ aws }) => aws.ec2.setVpcAttribute(idOf('vpc/vpc'), 'enableDnsHostnames', false),
    mends: ['vpc/vpc', 'ec2.ModifyVpcAttribute'],
  },
  {
    what: 'a tag of a subnet is changed',
    happens: ({ aws }) => aws.ec2.createTags(idOf('vpc/subnet-1'), { CostCenter: 'other' }),
    mends: ['vpc/subnet-1', 'ec2.CreateTags'],
  },
  {
    what: 'a subnet gets the main route table',
    happens: async ({ aws }) => {
      const tables = await aws.ec2.describeRouteTables({ 'route-table-id': [idOf('vpc/route-table')] });
      return aws.ec2.disassociateRouteTable(tables[0]?.Associations?.[0]?.RouteTableAssociationId ?? '');
    },
    mends: ['vpc/route-table', 'ec2.AssociateRouteTable'],
  },
  {
    what: 'a tag of the S3 endpoint is changed',
    happens: ({ aws }) => aws.ec2.createTags(idOf('vpc/s3-endpoint'), { Name: 'renamed' }),
    mends: ['vpc/s3-endpoint', 'ec2.CreateTags'],
  },
  {
    what: 'the load balancer is opened to the world',
    happens: ({ aws }) => aws.ec2.authorize('ingress', idOf('vpc/nlb-group'), tcp(5439, '0.0.0.0/0')),
    mends: ['vpc/nlb-group', 'ec2.RevokeSecurityGroupIngress'],
  },
  {
    what: 'clients are shut out of the workloads',
    happens: ({ aws }) => aws.ec2.revoke('ingress', idOf('vpc/workload-group'), tcp(5439, '10.0.0.0/16')),
    mends: ['vpc/workload-group', 'ec2.AuthorizeSecurityGroupIngress'],
  },
  {
    what: 'consumers are let out to the world',
    happens: ({ aws }) => aws.ec2.authorize('egress', idOf('vpc/consumer-group'), tcp(443, '0.0.0.0/0')),
    mends: ['vpc/consumer-group', 'ec2.RevokeSecurityGroupEgress'],
  },
  {
    what: 'the way from the load balancer to the endpoints is taken away',
    happens: ({ aws }) =>
      aws.ec2.revoke('egress', idOf('vpc/nlb-group'), [
        {
          IpProtocol: 'tcp',
          FromPort: 5439,
          ToPort: 5439,
          UserIdGroupPairs: [{ GroupId: idOf('vpc/endpoint-group') }],
        },
      ]),
    mends: ['vpc/nlb-egress', 'ec2.AuthorizeSecurityGroupEgress'],
  },
  {
    what: "the key's rotation is switched off",
    happens: (_, { kms }) => kms.send(new DisableKeyRotationCommand({ KeyId: idOf('producer/key') })),
    mends: ['producer/key', 'kms.EnableKeyRotation'],
  },
  {
    what: "the key's alias is deleted",
    happens: ({ aws, desired }) => aws.kms.deleteAlias(desired.names.keyAlias),
    mends: ['producer/key', 'kms.CreateAlias'],
  },
  {
    what: 'the role may read another bucket',
    happens: ({ aws, desired }) =>
      aws.iam.putRolePolicy(
        desired.names.role,
        'read-buckets',
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::x/*"}]}',
      ),
    mends: ['producer/role', 'iam.PutRolePolicy'],
  },
  {
    what: 'the role trusts one principal only',
    happens: ({ aws, desired }) =>
      aws.iam.setTrust(
        desired.names.role,
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"redshift.amazonaws.com"},"Action":"sts:AssumeRole"}]}',
      ),
    mends: ['producer/role', 'iam.UpdateAssumeRolePolicy'],
  },
  {
    what: "the producer's logs are switched off",
    happens: async ({ aws, clock, desired }) => {
      await aws.serverless.updateNamespace({ namespaceName: desired.producer.name, logExports: [] });
      await clock.sleep(60_000);
    },
    mends: ['producer/namespace', 'redshift-serverless.UpdateNamespace'],
  },
  {
    what: 'the producer is given a public address',
    happens: async ({ aws, clock, desired }) => {
      await aws.serverless.updateWorkgroup({ workgroupName: desired.producer.name, publiclyAccessible: true });
      await clock.sleep(300_000);
    },
    mends: ['producer/workgroup', 'redshift-serverless.UpdateWorkgroup'],
  },
  {
    what: 'the groups of a workload are changed',
    happens: async ({ aws, clock, desired }) => {
      const securityGroupIds = [idOf('vpc/producer-group')];
      await aws.serverless.updateWorkgroup({ workgroupName: desired.workloads[0]?.name, securityGroupIds });
      await clock.sleep(300_000);
    },
    mends: ['analytics/workgroup', 'redshift-serverless.UpdateWorkgroup'],
  },
  {
    what: 'a usage limit is raised',
    happens: (_, { serverless }) =>
      serverless.send(new UpdateUsageLimitCommand({ usageLimitId: idOf('producer/usage-limit-daily'), amount: 5_000 })),
    mends: ['producer/usage-limit-daily', 'redshift-serverless.UpdateUsageLimit'],
  },
  {
    what: 'the group of an endpoint is changed',
    happens: async ({ aws, clock, desired }) => {
      await aws.serverless.updateEndpointAccess(desired.names.endpoint('consumer-2'), [idOf('vpc/producer-group')]);
      await clock.sleep(120_000);
    },
    mends: ['consumer-2/endpoint', 'redshift-serverless.UpdateEndpointAccess'],
  },
  {
    what: 'cross-zone is switched off',
    happens: ({ aws }) =>
      aws.elb.setLoadBalancerAttributes(idOf('nlb/load-balancer'), { 'load_balancing.cross_zone.enabled': 'false' }),
    mends: ['nlb/load-balancer', 'elasticloadbalancing.ModifyLoadBalancerAttributes'],
  },
  {
    what: 'a zone is taken from the load balancer',
    happens: ({ aws }) => aws.elb.setSubnets(idOf('nlb/load-balancer'), [idOf('vpc/subnet-1'), idOf('vpc/subnet-2')]),
    mends: ['nlb/load-balancer', 'elasticloadbalancing.SetSubnets'],
  },
  {
    what: 'the health check is slowed down',
    happens: ({ aws }) =>
      aws.elb.modifyTargetGroup({ TargetGroupArn: idOf('nlb/target-group'), HealthCheckIntervalSeconds: 300 }),
    mends: ['nlb/target-group', 'elasticloadbalancing.ModifyTargetGroup'],
  },
  {
    what: 'connections of unhealthy targets are cut again',
    happens: ({ aws }) =>
      aws.elb.setTargetGroupAttributes(idOf('nlb/target-group'), {
        'target_health_state.unhealthy.connection_termination.enabled': 'true',
      }),
    mends: ['nlb/target-group', 'elasticloadbalancing.ModifyTargetGroupAttributes'],
  },
  {
    what: 'the idle time-out is shortened',
    happens: ({ aws }) => aws.elb.setListenerAttributes(idOf('nlb/listener'), { 'tcp.idle_timeout.seconds': '350' }),
    mends: ['nlb/listener', 'elasticloadbalancing.ModifyListenerAttributes'],
  },
  {
    what: 'the listener gets another port',
    happens: ({ aws }) => aws.elb.modifyListener({ ListenerArn: idOf('nlb/listener'), Port: 5440 }),
    mends: ['nlb/listener', 'elasticloadbalancing.ModifyListener'],
  },
  {
    what: 'a consumer is deregistered',
    happens: async ({ aws, clock }) => {
      await aws.elb.deregisterTargets(idOf('nlb/target-group'), [{ Id: idOf('consumer-2/target'), Port: 5439 }]);
      await clock.sleep(120_000);
    },
    mends: ['consumer-2/target', 'elasticloadbalancing.RegisterTargets'],
  },
  {
    what: 'the secret says it is of another login',
    happens: ({ aws, desired }) =>
      aws.secrets.updateSecret(desired.names.readerSecret, { description: 'other', secretString: '{}' }),
    mends: ['nlb/reader-secret', 'secretsmanager.UpdateSecret'],
  },
];

describe('one field drifted → one call', () => {
  test.each(drifts)('$what: $mends', async ({ happens, mends: [id, call] }) => {
    const world = await reopen();
    await happens(world, clientsOf(world));
    const planned = await plannedChanges(world, await targetsOf(world));
    expect(planned).toEqual([expect.stringMatching(new RegExp(`^${id}: `))]);
    expect(await world.mutationsOf(() => up(world))).toEqual([call]);
    expect(await plannedChanges(world, await targetsOf(world))).toEqual([]);
  });

  test('tags that cost a call of their own are looked at once the ledger is lost', async () => {
    const world = await reopen();
    const changed = [
      'producer/namespace',
      'consumer-2/workgroup',
      'nlb/load-balancer',
      'nlb/target-group',
      'nlb/listener',
    ];
    await world.aws.kms.tag(idOf('producer/key'), { CostCenter: 'other' });
    for (const id of changed) {
      const service = id.startsWith('nlb/') ? world.aws.elb : world.aws.serverless;
      await service.tag(idOf(id), { CostCenter: 'other' });
    }
    expect(await plannedChanges(world, await targetsOf(world))).toEqual([]);
    world.loseLedger();
    const planned = await plannedChanges(world, await targetsOf(world));
    expect(planned.sort()).toEqual(
      [...changed, 'producer/key'].map((id) => `${id}: tags CostCenter other → analytics`).sort(),
    );
    expect((await world.mutationsOf(() => up(world))).length).toBe(6);
    expect(await world.mutationsOf(() => up(world))).toEqual([]);
  });
});

// --- every mutating call made twice → the same end -----------------------------------------------------------------

describe('every mutating call made twice → the same end', () => {
  test('on the way up and down: nothing twice, nothing left', async () => {
    const world = await openStepWorld({ config: fullConfig() });
    const once = await reopen();
    await world.bring(twice(await targetsOf(world), world));
    expect(await census(world)).toEqual(await census(once));
    expect(await plannedChanges(world, await targetsOf(world))).toEqual([]);
    await world.bring(twice(await targetsOf(world, { goal: 'absent' }), world));
    expect(Object.values(await census(world)).flat()).toEqual([]);
  });

  test('the answer of each first call is lost: the engine looks, and makes nothing twice', async () => {
    const world = await openStepWorld({ config: fullConfig() });
    const lost = new Set<string>();
    world.simulator.intercept(({ mutating, service, operation, input }) => {
      const key = `${service}.${operation} ${JSON.stringify(input)}`;
      if (!mutating || lost.has(key)) return undefined;
      lost.add(key);
      return 'lose-response';
    });
    await up(world);
    expect(lost.size).toBeGreaterThan(40);
    expect(await census(world)).toEqual(await census(await reopen()));
  });
});

/** Every change is applied a second time, as soon as what the first one made can be seen. */
function twice(targets: readonly Target[], { clock }: StepWorld): readonly Target[] {
  for (const { resource } of targets) {
    const { changes, removal } = resource;
    const doubled = (list: readonly Change[]) => list.map((change) => applyTwice(change, clock));
    Object.assign(resource, {
      changes: (...input: Parameters<Resource['changes']>) => doubled(changes.apply(resource, input)),
      removal: (...input: Parameters<Resource['removal']>) => doubled(removal.apply(resource, input)),
    });
  }
  return targets;
}

function applyTwice(change: Change, clock: Clock): Change {
  const apply: Change['apply'] = async (io) => {
    await change.apply(io);
    await clock.sleep(5_000);
    try {
      await change.apply(io);
    } catch (error) {
      // AWS may say that it is done, or still at it; the engine would look again.
      if (!(error instanceof ServiceError) || !['exists', 'conflict', 'absent', 'invalid'].includes(error.kind))
        throw error;
    }
  };
  return { ...change, apply };
}

/** What of ours stands in the account, by name: the same for two worlds in which ids differ. */
async function census({ aws, desired }: StepWorld) {
  const { prefix, role, readerSecret, loadBalancer, targetGroup } = desired.names;
  const tagged = { 'tag:rsds:project': ['airline'] };
  const names = (list: readonly { readonly Tags?: Tag[] | undefined }[]) =>
    list.map(({ Tags }) => Tags?.find(({ Key }) => Key === 'Name')?.Value).sort();
  const balancer = await aws.elb.loadBalancer(loadBalancer);
  const group = await aws.elb.targetGroup(targetGroup);
  const ofPrefix = (list: readonly (string | undefined)[]) => list.filter((name) => name?.startsWith(prefix)).sort();
  const keys = await Promise.all((await aws.kms.listKeys()).map(({ KeyId }) => aws.kms.describeKey(KeyId ?? '')));
  return {
    vpcs: names(await aws.ec2.describeVpcs(tagged)),
    subnets: names(await aws.ec2.describeSubnets(tagged)),
    routeTables: names(await aws.ec2.describeRouteTables(tagged)),
    gateways: names(
      (await aws.ec2.describeVpcEndpoints(tagged)).filter(({ State }) => State?.toLowerCase() !== 'deleted'),
    ),
    groups: names(await aws.ec2.describeSecurityGroups(tagged)),
    keys: keys
      .filter((key) => key?.KeyState === 'Enabled' && key.Description?.includes(prefix))
      .map((key) => key?.KeyState),
    roles: (await aws.iam.getRole(role)) ? [role] : [],
    namespaces: ofPrefix((await aws.serverless.listNamespaces()).map(({ namespaceName }) => namespaceName)),
    workgroups: ofPrefix((await aws.serverless.listWorkgroups()).map(({ workgroupName }) => workgroupName)),
    endpoints: ofPrefix((await aws.serverless.listEndpointAccess()).map(({ endpointName }) => endpointName)),
    limits: (await aws.serverless.listUsageLimits()).map(({ amount }) => amount),
    secrets: (await aws.secrets.describeSecret(readerSecret)) ? [readerSecret] : [],
    balancers: balancer ? [loadBalancer] : [],
    listeners: balancer ? (await aws.elb.listeners(balancer.LoadBalancerArn ?? '')).map(({ Port }) => Port) : [],
    targets: group
      ? (await aws.elb.targetHealth(group.TargetGroupArn ?? '')).map(({ TargetHealth }) => TargetHealth?.State)
      : [],
  };
}

// --- somebody else's → refused -------------------------------------------------------------------------------------

const tagKeys = ['rsds:project', 'rsds:environment'];
const ec2Tags =
  (id: string) =>
  (_: StepWorld, { ec2 }: Clients) =>
    ec2.send(new DeleteTagsCommand({ Resources: [idOf(id)], Tags: tagKeys.map((Key) => ({ Key })) }));
const serverlessTags =
  (id: string) =>
  (_: StepWorld, { serverless }: Clients) =>
    serverless.send(new UntagServerless({ resourceArn: idOf(id), tagKeys }));
const elbTags =
  (id: string) =>
  (_: StepWorld, { elb }: Clients) =>
    elb.send(new RemoveTagsCommand({ ResourceArns: [idOf(id)], TagKeys: tagKeys }));

const strangers: readonly [id: string, take: (world: StepWorld, clients: Clients) => Promise<unknown>][] = [
  ['vpc/vpc', ec2Tags('vpc/vpc')],
  ['vpc/subnet-1', ec2Tags('vpc/subnet-1')],
  ['vpc/route-table', ec2Tags('vpc/route-table')],
  ['vpc/s3-endpoint', ec2Tags('vpc/s3-endpoint')],
  ['vpc/nlb-group', ec2Tags('vpc/nlb-group')],
  ['producer/key', (_, { kms }) => kms.send(new UntagKey({ KeyId: idOf('producer/key'), TagKeys: tagKeys }))],
  [
    'producer/role',
    ({ desired }, { iam }) => iam.send(new UntagRoleCommand({ RoleName: desired.names.role, TagKeys: tagKeys })),
  ],
  ['producer/namespace', serverlessTags('producer/namespace')],
  ['consumer-2/workgroup', serverlessTags('consumer-2/workgroup')],
  ['nlb/load-balancer', elbTags('nlb/load-balancer')],
  ['nlb/target-group', elbTags('nlb/target-group')],
  ['nlb/listener', elbTags('nlb/listener')],
  [
    'nlb/reader-secret',
    ({ desired }, { secrets }) =>
      secrets.send(new UntagSecret({ SecretId: desired.names.readerSecret, TagKeys: tagKeys })),
  ],
];

describe("somebody else's → refused, and left alone by `down`", () => {
  test.each(strangers)('%s without our tags', async (id, take) => {
    const world = await reopen();
    await take(world, clientsOf(world));
    // A ledger that is lost or another one's: tags alone decide.
    world.loseLedger();
    const targets = await targetsOf(world);
    const title = targets.find(({ resource }) => resource.id === id)?.resource.title;
    await expect(world.plan(targets)).rejects.toMatchObject({
      code: 'step/foreign',
      message: expect.stringContaining(`${title}:`),
    });
    const down = await world.plan(await targetsOf(world, { goal: 'absent' }));
    expect(down.items.find(({ resource }) => resource.id === id)).toMatchObject({ seen: undefined, changes: [] });
  });

  test('an endpoint of our name on a workgroup that is not ours', async () => {
    const world = await reopen();
    await serverlessTags('consumer-2/workgroup')(world, clientsOf(world));
    world.loseLedger();
    const down = await world.plan(await targetsOf(world, { goal: 'absent' }));
    expect(down.items.find(({ resource }) => resource.id === 'consumer-2/endpoint')).toMatchObject({ changes: [] });
  });
});

// --- parts -----------------------------------------------------------------------------------------------------------

const tcp = (port: number, CidrIp: string) => [
  { IpProtocol: 'tcp', FromPort: port, ToPort: port, IpRanges: [{ CidrIp }] },
];

type Clients = ReturnType<typeof clientsOf>;

/** The SDK's own clients, for what happens behind rsds's back. */
function clientsOf({ simulator }: StepWorld) {
  const config = clientConfigOf(simulator.url);
  return {
    ec2: new EC2Client(config),
    elb: new ElasticLoadBalancingV2Client(config),
    iam: new IAMClient(config),
    kms: new KMSClient(config),
    secrets: new SecretsManagerClient(config),
    serverless: new RedshiftServerlessClient(config),
  };
}

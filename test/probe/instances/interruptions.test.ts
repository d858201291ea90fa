/** What becomes of test instances when something goes wrong, and what was there before them. */
import {
  CreateSecurityGroupCommand,
  CreateVpcEndpointCommand,
  DescribeVpcEndpointsCommand,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import { DeleteRolePolicyCommand, GetRolePolicyCommand } from '@aws-sdk/client-iam';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { findSite, instancesVantage } from '../../../src/probe/instances/vantage.ts';
import { RealClock } from '../../../src/shared/clock.ts';
import { findRemains, isNothing } from '../../../src/steps/remains/find.ts';
import { folderOfTest } from '../../support/folder.ts';
import { pythonIsThere } from '../../support/python.ts';
import { buildStandingProject, plainYaml } from '../../support/standing.ts';
import { type LiveProbe, openLiveProbe } from './live-probe.ts';

let live: LiveProbe;

beforeAll(async () => {
  live = await openLiveProbe(await buildStandingProject(plainYaml(2)));
});

afterAll(() => live.close());

afterEach(async () => {
  expect(isNothing(await findRemains(live.options()))).toBe(true);
});

const never = new AbortController().signal;
const site = (count = 1) => findSite(live.aws, live.desired, count);
const clock = new RealClock();

describe('nothing is left', () => {
  it.each(['CreateSecurityGroup', 'CreateVpcEndpoint', 'RunInstances', 'SendCommand'])(
    'when it is interrupted at %s',
    async (operation) => {
      const stop = new AbortController();
      live.simulator.intercept(({ operation: asked }) => {
        if (asked === operation) stop.abort(new Error('interrupted'));
        return undefined;
      });
      try {
        const work = instancesVantage(live.options(), await site(), stop.signal).then(async (vantage) => {
          await vantage.connections(live.plan(), stop.signal).finally(() => vantage.close());
        });
        await expect(work).rejects.toThrow('interrupted');
      } finally {
        live.simulator.intercept(undefined);
      }
    },
    60_000,
  );

  it('when the answer to what makes an instance gets lost', async () => {
    const fault = live.simulator.faults.add({ kind: 'lost-response', operations: ['RunInstances'], times: 1 });
    const vantage = await instancesVantage(live.options(), await site(), never);
    live.simulator.faults.clear(fault.id);
    expect(await live.instances()).toHaveLength(1);
    await vantage.close();
  });

  it('of a test that was killed, once the next one begins', async () => {
    await instancesVantage(live.options({ run: 'killed' }), await site(), never);
    const vantage = await instancesVantage(live.options({ run: 'next' }), await site(), never);
    const tags = (await live.instances()).map(({ Tags = [] }) => Tags.find(({ Key }) => Key === 'rsds:test')?.Value);
    expect(tags).toEqual(['next']);
    expect(live.told).toContain(
      'removing what an earlier test left: 1 instance, 3 endpoints, 2 security groups, a role',
    );
    await vantage.close();
  });

  it('and what could not be removed is listed, with what to do', async () => {
    const vantage = await instancesVantage(live.options(), await site(), never);
    const fault = live.simulator.faults.add({ kind: 'denied', operations: ['DeleteVpcEndpoints'] });
    await expect(vantage.close()).rejects.toMatchObject({
      code: 'probe/remains',
      message: expect.stringMatching(/^of a test are left: .*vpce-/),
      hint: expect.stringContaining('rsds:test'),
    });
    live.simulator.faults.clear(fault.id);
    const next = await instancesVantage(live.options(), await site(), never);
    await next.close();
  });
});

describe('endpoints that the VPC has already', () => {
  it('are used and left alone', async () => {
    const { ec2 } = live.clients;
    const { vpcId, places } = await site();
    const { GroupId = '' } = await ec2.send(
      new CreateSecurityGroupCommand({ VpcId: vpcId, GroupName: 'shared-endpoints', Description: 'not of rsds' }),
    );
    live.simulator.world.skip(5_000);
    const { VpcEndpoint } = await ec2.send(
      new CreateVpcEndpointCommand({
        VpcEndpointType: 'Interface',
        VpcId: vpcId,
        ServiceName: 'com.amazonaws.us-east-1.ssm',
        SubnetIds: [places[0]?.subnetId ?? ''],
        SecurityGroupIds: [GroupId],
      }),
    );
    live.simulator.world.skip(60_000);
    const here = await site();
    expect(here).toMatchObject({ missing: ['ssmmessages', 'secretsmanager'], endpointGroupIds: [GroupId] });
    await expect(instancesVantage(live.options(), here, never)).rejects.toMatchObject({
      code: 'probe/instances',
      message: expect.stringMatching(/^i-\w+ did not register with Systems Manager within 10 minutes$/),
      hint: expect.stringContaining(`in at port 443 in ${GroupId}`),
    });
    const found = await ec2.send(new DescribeVpcEndpointsCommand({ VpcEndpointIds: [VpcEndpoint!.VpcEndpointId!] }));
    expect(found.VpcEndpoints).toMatchObject([{ State: 'available', Groups: [{ GroupId }] }]);
    await live.aws.ec2.deleteVpcEndpoint(VpcEndpoint!.VpcEndpointId!);
    live.simulator.world.skip(600_000);
  }, 60_000);
});

describe.skipIf(!pythonIsThere())('a test that can’t be run', () => {
  it('is cancelled on its instance when it is interrupted', async () => {
    const vantage = await instancesVantage(live.options(), await site(), never);
    const cancellations = () =>
      live.simulator.requests.since(0).filter(({ operation }) => operation === 'CancelCommand').length;
    const before = cancellations();
    const stop = new AbortController();
    const { target } = live.plan();
    const load = { kind: 'load', target, connections: 1, seconds: 300, sql: 'SELECT 1' } as const;
    const running = vantage.load({ ...load, queriesPerConnection: 0, pauseMs: 100, timeoutMs: 1_000 }, stop.signal);
    await clock.sleep(300);
    stop.abort(new Error('interrupted'));
    await expect(running).rejects.toThrow('interrupted');
    expect(cancellations()).toBe(before + 1);
    await vantage.close();
  });

  it('says so where the instance’s role may not read the password', async () => {
    const vantage = await instancesVantage(live.options(), await site(), never);
    const RoleName = live.desired.names.testRole;
    const policy = { RoleName, PolicyName: 'read-the-password' };
    const { PolicyDocument } = await live.clients.iam.send(new GetRolePolicyCommand(policy));
    expect(JSON.parse(decodeURIComponent(PolicyDocument!)).Statement).toEqual([
      {
        Effect: 'Allow',
        Action: 'secretsmanager:GetSecretValue',
        Resource: expect.stringMatching(/:secret:airline-dev\/reader-\w{6}$/),
      },
    ]);
    const { target } = live.plan();
    const other = live.plan({ target: { ...target, secret: 'redshift!airline-dev-producer-admin' } });
    await expect(vantage.connections(other, never)).rejects.toMatchObject({ code: 'probe/script' });
    await live.clients.iam.send(new DeleteRolePolicyCommand(policy));
    await expect(vantage.connections(live.plan(), never)).rejects.toMatchObject({
      code: 'probe/script',
      message: expect.stringMatching(/could not test: Secrets Manager answered 400.*AccessDeniedException/),
    });
    await vantage.close();
  }, 60_000);

  it('says so where there is no python3', async () => {
    const vantage = await instancesVantage(live.options(), await site(), never);
    const path = process.env.PATH;
    process.env.PATH = await folderOfTest();
    try {
      await expect(vantage.connections(live.plan(), never)).rejects.toMatchObject({
        code: 'probe/script',
        message: expect.stringMatching(/ended with exit code 127: .*python3: .*not found/),
        hint: expect.stringContaining('no python3'),
      });
    } finally {
      process.env.PATH = path;
    }
    await vantage.close();
  });
});

it('sees a time-out where the load balancer lets nobody in', async () => {
  const vantage = await instancesVantage(live.options(), await site(), never);
  const balancer = await live.aws.elb.loadBalancer(live.desired.names.loadBalancer);
  const GroupId = balancer?.SecurityGroups?.[0] ?? '';
  const [group] = await live.aws.ec2.describeSecurityGroups({ 'group-id': [GroupId] });
  await live.clients.ec2.send(
    new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions: group?.IpPermissions ?? [] }),
  );
  const { attempts } = await vantage.connections(live.plan({ connections: 1, timeoutMs: 300 }), never);
  expect(attempts[0]?.failed).toMatchObject({ layer: 'tcp', error: { code: 'ETIMEDOUT' } });
  await vantage.close();
});

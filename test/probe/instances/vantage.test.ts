/** Test instances in a simulated VPC, from nothing to nothing: they really run the script. */
import { DescribeSecurityGroupsCommand } from '@aws-sdk/client-ec2';
import { GetInstanceProfileCommand, GetRoleCommand } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findSite, hourDollars, instancesVantage } from '../../../src/probe/instances/vantage.ts';
import type { ConnectionPlan, LoadPlan, Vantage } from '../../../src/probe/plan.ts';
import { findRemains } from '../../../src/steps/remains/find.ts';
import { pythonIsThere } from '../../support/python.ts';
import { buildStandingProject, plainYaml } from '../../support/standing.ts';
import { type LiveProbe, openLiveProbe } from './live-probe.ts';

let live: LiveProbe;

beforeAll(async () => {
  live = await openLiveProbe(await buildStandingProject(plainYaml(2)));
});

afterAll(() => live.close());

const never = new AbortController().signal;

describe.skipIf(!pythonIsThere())('two test instances', () => {
  let vantage: Vantage;

  beforeAll(async () => {
    const site = await findSite(live.aws, live.desired, 2);
    expect(new Set(site.places.map(({ zone }) => zone)).size).toBe(2);
    expect(site.missing).toEqual(['ssm', 'ssmmessages', 'secretsmanager']);
    expect(hourDollars(site, 'us-east-1')).toBeCloseTo(2 * 0.0042 + 3 * 0.01);
    vantage = await instancesVantage(live.options(), site, never);
  }, 60_000);

  it('stand in two zones, without a public address, with tokens required and the tags of the run', async () => {
    const instances = await live.instances();
    expect(new Set(instances.map(({ Placement }) => Placement?.AvailabilityZone)).size).toBe(2);
    for (const one of instances) {
      expect(one).toMatchObject({ MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1 } });
      expect(one.PublicIpAddress).toBeUndefined();
      expect(one.KeyName).toBeUndefined();
      expect(one.Tags).toEqual(
        expect.arrayContaining([
          { Key: 'rsds:test', Value: 'run-1' },
          { Key: 'rsds:project', Value: 'airline' },
        ]),
      );
    }
  });

  it('connect to every consumer through the load balancer, and tell each layer', async () => {
    const report = await vantage.connections(live.plan({ connections: 24, parallel: 4 }), never);
    expect(report.attempts).toHaveLength(24);
    expect(report.attempts.filter(({ failed }) => failed)).toEqual([]);
    for (const { ms } of report.attempts) {
      expect(Object.keys(ms)).toEqual(['dns', 'tcp', 'tls', 'login', 'identity', 'table']);
    }
    expect(new Set(report.attempts.map(({ namespaceId }) => namespaceId)).size).toBe(2);
  });

  it('bear a load, and say second by second what became of it', async () => {
    const { host, port, database, user, secret } = live.plan().target;
    const plan: LoadPlan = {
      kind: 'load',
      target: { host, port, database, user, secret },
      ...{ connections: 4, seconds: 3, sql: 'SELECT count(*) FROM flights', queriesPerConnection: 3 },
      ...{ pauseMs: 50, timeoutMs: 4_000 },
    };
    const report = await vantage.load(plan, never);
    expect(report.errors).toEqual([]);
    expect(report.seconds.map(({ second }) => second)).toEqual([0, 1, 2]);
    expect(report.queries).toBeGreaterThan(8);
    expect(report.opened).toBeGreaterThan(4);
    const counted = Object.values(report.latencies).flatMap((counts) => Object.values(counts));
    expect(counted.reduce((sum, one) => sum + one, 0)).toBe(report.queries);
  });

  it('find out where a connection ends', async () => {
    const failedAt = async (target: Partial<ConnectionPlan['target']>, more: Partial<ConnectionPlan> = {}) => {
      const plan = live.plan({ connections: 1, parallel: 1, timeoutMs: 700, ...more });
      const { attempts } = await vantage.connections({ ...plan, target: { ...plan.target, ...target } }, never);
      return attempts[0]?.failed;
    };
    expect(await failedAt({ host: 'nowhere.example' })).toMatchObject({ layer: 'dns', error: { code: 'ENOTFOUND' } });
    expect(await failedAt({ port: 5440 })).toMatchObject({ layer: 'tcp', error: { code: 'ETIMEDOUT' } });
    expect(await failedAt({ user: 'nobody' })).toMatchObject({ layer: 'login', error: { code: '28P01' } });
    expect(await failedAt({ database: 'nowhere' })).toMatchObject({ layer: 'login', error: { code: '3D000' } });
    expect(await failedAt({}, { tableSql: 'SELECT 1 FROM nothing' })).toMatchObject({
      layer: 'table',
      error: { code: '42P01' },
    });
    const own = `airline-dev-consumer-1.123456789012.us-east-1.redshift-serverless.amazonaws.com`;
    expect(await failedAt({ host: own })).toMatchObject({ layer: 'tcp', error: { code: 'ETIMEDOUT' } });
  });

  it('leave nothing behind', async () => {
    await vantage.close();
    await vantage.close();
    expect(await findRemains(live.options())).toEqual({ instanceIds: [], endpointIds: [], groupIds: [], role: false });
    const { ec2, iam } = live.clients;
    const states = (await live.instances('terminated')).map(({ State }) => State?.Name);
    expect(states).toEqual(['terminated', 'terminated']);
    const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({}));
    expect(SecurityGroups!.filter(({ GroupName }) => GroupName?.includes('-test-'))).toEqual([]);
    const RoleName = live.desired.names.testRole;
    await expect(iam.send(new GetRoleCommand({ RoleName }))).rejects.toThrow(/cannot be found/);
    const profile = iam.send(new GetInstanceProfileCommand({ InstanceProfileName: RoleName }));
    await expect(profile).rejects.toThrow(/cannot be found/);
    expect(live.told.join('\n')).toMatch(/making 2 instances of type t4g.nano and endpoints for ssm/);
  });
});

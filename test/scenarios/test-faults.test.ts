/** Faults that an operator brings about through AWS or SQL: `rsds test` names the cause, whose it is, and what mends it. */
import { DescribeSecurityGroupsCommand, RevokeSecurityGroupIngressCommand } from '@aws-sdk/client-ec2';
import { DeregisterTargetsCommand, RegisterTargetsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  DeleteEndpointAccessCommand,
  GetNamespaceCommand,
  ListEndpointAccessCommand,
} from '@aws-sdk/client-redshift-serverless';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Finding } from '../../src/diagnose/finding.ts';
import { type LiveProject, openLiveProject } from '../support/live-project.ts';
import { buildStandingProject, plainYaml, type StandingProject } from '../support/standing.ts';

let standing: StandingProject;
beforeAll(async () => {
  standing = await buildStandingProject(plainYaml(2));
});

interface Tested {
  readonly exitCode: number;
  readonly findings: readonly Finding[];
}

/** Connectivity; `thoroughly` with so many connections that no consumer is left out by chance. */
async function tested(project: LiveProject, thoroughly = false): Promise<Tested> {
  const named = thoroughly ? {} : { arguments: { kind: 'connectivity' } };
  const ran = await project.run('test', { json: true, ...named });
  if (ran.error) throw ran.error;
  return { exitCode: ran.exitCode, ...(JSON.parse(ran.stdout) as { findings: Finding[] }) };
}

async function closeGroup({ live }: LiveProject, name: string): Promise<void> {
  const { ec2 } = live.clients;
  const Filters = [{ Name: 'group-name', Values: [`airline-dev-${name}`] }];
  const [group] = (await ec2.send(new DescribeSecurityGroupsCommand({ Filters }))).SecurityGroups ?? [];
  const { GroupId, IpPermissions } = group ?? {};
  await ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
}

async function endpointOf({ live }: LiveProject, short: string) {
  const { endpoints = [] } = await live.clients.serverless.send(new ListEndpointAccessCommand({}));
  const found = endpoints.find(({ workgroupName }) => workgroupName === `airline-dev-${short}`);
  const { privateIpAddress = '', availabilityZone = '' } = found?.vpcEndpoint?.networkInterfaces?.[0] ?? {};
  return { name: found?.endpointName ?? '', Id: privateIpAddress, zone: availabilityZone };
}

async function deregister(project: LiveProject, short: string): Promise<void> {
  const { elb } = project.live.clients;
  const { targetGroupArn: TargetGroupArn } = project.live.loadBalancer;
  const { Id } = await endpointOf(project, short);
  await elb.send(new DeregisterTargetsCommand({ TargetGroupArn, Targets: [{ Id, Port: 5439 }] }));
}

interface Fault {
  readonly fault: string;
  bring(project: LiveProject): Promise<unknown>;
  /** Where it is named. */
  readonly at: readonly [subject: string, check: string];
  readonly what: RegExp;
  readonly cause: RegExp;
  /** Command lines; the first words of one that is not ours. */
  readonly remedy: string;
}

const up = 'rsds up --region us-east-1 --sim';
const lookBySql = 'rsds up --sql --region us-east-1 --sim';

const faults: readonly Fault[] = [
  {
    fault: 'the security group of the load balancer lets nobody in',
    bring: (project) => closeGroup(project, 'nlb'),
    at: ['load balancer', 'connections'],
    what: /^12 of 12 connections ended at TCP: ETIMEDOUT, no answer from/,
    cause: /the security group airline-dev-nlb lacks "in from 10.0.0.0\/16: 5439"/,
    remedy: up,
  },
  {
    fault: 'the security group of the endpoints lets nobody in',
    bring: async (project) => {
      await closeGroup(project, 'endpoint');
      await project.minutes(3);
    },
    at: ['load balancer', 'connections'],
    what: /^12 of 12 connections ended at/,
    cause: /^consumer-1: .*the security group airline-dev-endpoint lacks "in from airline-dev-nlb: 5439"/,
    remedy: up,
  },
  {
    fault: 'an endpoint is gone',
    bring: async (project) => {
      const { name: endpointName } = await endpointOf(project, 'consumer-1');
      await project.live.clients.serverless.send(new DeleteEndpointAccessCommand({ endpointName }));
      await project.minutes(5);
    },
    at: ['consumer-1', 'answers'],
    what: /^answered none of 12 connections/,
    cause: /the endpoint airline-dev-consumer-1 is not there: rsds made it, and somebody else took it away/,
    remedy: up,
  },
  {
    fault: 'a target was deregistered',
    bring: async (project) => {
      await deregister(project, 'consumer-2');
      await project.minutes(4);
    },
    at: ['consumer-2', 'answers'],
    what: /^answered none of 12 connections/,
    cause: /:5439 is not registered: rsds registered it, and somebody else deregistered it since/,
    remedy: up,
  },
  {
    fault: 'a target is registered on another port',
    bring: async (project) => {
      const { Id } = await endpointOf(project, 'consumer-1');
      const { targetGroupArn: TargetGroupArn } = project.live.loadBalancer;
      await deregister(project, 'consumer-1');
      const Targets = [{ Id, Port: 5440 }];
      await project.live.clients.elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets }));
      await project.minutes(4);
    },
    at: ['consumer-1', 'answers'],
    what: /^answered none of 12 connections/,
    cause: /is registered on port 5440, not 5439/,
    remedy: up,
  },
  {
    fault: 'the shared database is missing on one consumer',
    bring: (project) => project.sql('consumer-1', 'DROP DATABASE airline'),
    at: ['consumer-1', 'reader'],
    what: /database "airline" does not exist/,
    cause: /^the shared database airline is missing there$/,
    remedy: lookBySql,
  },
  {
    fault: 'the reader may not use the shared database of one consumer any more',
    bring: (project) => project.sql('consumer-2', 'REVOKE USAGE ON DATABASE airline FROM reporter'),
    at: ['consumer-2', 'reader'],
    what: /permission denied for database airline/,
    cause: /^reporter has lost a right there, above all USAGE on the database airline$/,
    remedy: lookBySql,
  },
  {
    fault: 'the grant of the datashare was revoked for one consumer',
    bring: async (project) => {
      const { namespace } = await project.live.clients.serverless.send(
        new GetNamespaceCommand({ namespaceName: 'airline-dev-consumer-1' }),
      );
      const from = `NAMESPACE '${namespace?.namespaceId}'`;
      await project.sql('producer', `REVOKE USAGE ON DATASHARE airline_share FROM ${from}`);
    },
    at: ['consumer-1', 'reader'],
    what: /datashare "airline_share" is not available to this namespace/,
    cause: /^the grant of the datashare airline_share to .* is not there: rsds made it, and somebody else took it/,
    remedy: up,
  },
  {
    fault: 'the password of the reader is another one on one consumer',
    bring: (project) => project.sql('consumer-1', "ALTER USER reporter PASSWORD 'Another1Password'"),
    at: ['consumer-1', 'reader'],
    what: /password authentication failed for user "reporter"/,
    cause: /^the password of reporter there is another than the one in the secret airline-dev\/reader$/,
    remedy: lookBySql,
  },
  {
    fault: 'the login of the reader is missing on one consumer',
    bring: (project) =>
      project.sql('consumer-2', 'REVOKE USAGE ON DATABASE airline FROM reporter', 'DROP USER reporter'),
    at: ['consumer-2', 'reader'],
    what: /gets no data/,
    cause: /reporter/,
    remedy: lookBySql,
  },
];

const named = ({ findings }: Tested, [subject, check]: Fault['at']) =>
  findings.find((one) => one.subject === subject && one.check === check && one.verdict === 'fail');

describe('rsds test names, and its remedy mends', () => {
  test.each(faults)('$fault', async ({ bring, at, what, cause, remedy }) => {
    const project = await openLiveProject(standing);
    await bring(project);
    const found = await tested(project);
    expect(named(found, at)).toMatchObject({
      what: expect.stringMatching(what),
      cause: expect.stringMatching(cause),
      remedy,
    });
    expect(found.exitCode).toBe(5);
    expect(JSON.stringify(found)).not.toContain('Another1Password');

    expect((await project.run('up', { options: { sql: remedy === lookBySql } })).error).toBeUndefined();
    await project.minutes(3);
    const mended = await tested(project, true);
    expect([mended.exitCode, mended.findings.filter(({ verdict }) => verdict !== 'pass')]).toEqual([0, []]);
  });

  test('a zone that is out, with the consumers in it and where AWS tells of it', async () => {
    const project = await openLiveProject(await buildStandingProject(plainYaml(4)));
    const placed = await Promise.all([1, 2, 3, 4].map((number) => endpointOf(project, `consumer-${number}`)));
    const zone = placed.find((one) => placed.filter((other) => other.zone === one.zone).length === 2)?.zone ?? '';
    const [first, second] = [1, 2, 3, 4].filter((number) => placed[number - 1]?.zone === zone);
    const { id } = project.live.simulator.faults.add({ kind: 'zone-outage', target: zone });
    await project.minutes(3);
    const found = await tested(project);
    for (const number of [first, second]) {
      expect(named(found, [`consumer-${number}`, 'answers'])).toMatchObject({
        what: 'answered none of 24 connections',
        cause: expect.stringContaining(`the zone ${zone} is out, with consumer-${first} and consumer-${second}`),
        remedy: expect.stringContaining(`aws ec2 describe-availability-zones --zone-names ${zone} `),
      });
    }
    expect(found.exitCode).toBe(5);

    project.live.simulator.faults.clear(id);
    await project.minutes(3);
    expect((await tested(project)).exitCode).toBe(0);
  });
});

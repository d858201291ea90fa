/** `connect` says how clients get to what stands, from the control plane alone. */
import { beforeAll, describe, expect, test } from 'vitest';
import { clientNames } from '../../src/model/connection/names.ts';
import { RsdsError } from '../../src/shared/errors.ts';
import { buildStanding, openStanding, type Standing, smallYaml, somebody } from '../diagnose/standing.ts';
import type { Ran, VerbOptions } from '../support/project.ts';
import { openProject, type Project } from '../support/project.ts';

// With enhanced VPC routing the groups have rules for their own members, who are no clients.
const yaml = `${smallYaml}network: { enhancedVpcRouting: true }
workloads: { analytics: { baseCapacity: 8, database: analytics } }\n`;

let standing: Standing;
beforeAll(async () => {
  standing = await buildStanding(yaml);
});

interface Document {
  readonly to: string;
  readonly address: { readonly host: string; readonly port: number };
  readonly local: { readonly host: string; readonly port: number } | null;
  readonly letsIn: readonly string[] | 'not checked';
  readonly database: string;
  readonly user: string;
  readonly secret: { readonly id: string; readonly command: string };
  readonly own: { readonly database: string; readonly user: string; readonly secret: string } | null;
  readonly password?: string;
  readonly verifyFull: boolean;
  readonly remarks: readonly string[];
  readonly clients: Readonly<Record<string, { readonly text: string; readonly notes: readonly string[] }>>;
}

const connect = (project: Project, options: VerbOptions['options'] = {}, how: VerbOptions = {}) =>
  project.run('connect', { ...how, options });

async function told(project: Project, options: VerbOptions['options'] = {}, how: VerbOptions = {}): Promise<Document> {
  const { stdout, error } = await connect(project, options, { ...how, json: true });
  if (error) throw error;
  return JSON.parse(stdout) as Document;
}

const operations = ({ requests }: Ran) => requests.map(({ operation }) => operation);

/** What the account holds, read past the program. */
async function passwordOf(project: Project, secret: string): Promise<string> {
  const text = await somebody(project).secrets.getSecretString(secret);
  return (JSON.parse(text ?? '{}') as { password: string }).password;
}

describe('the load balancer', () => {
  test('is shown with database, login, secret and the line for psql', async () => {
    const project = await openStanding(standing);
    const { stdout } = await connect(project);
    const balancer = await somebody(project).elb.loadBalancer('airline-dev-nlb');
    expect(stdout).toContain(`address:  ${balancer?.DNSName}:5439\ndatabase: airline\nuser:     reporter\n`);
    expect(stdout).toContain('password: secret airline-dev/reader in Secrets Manager, key password');
    expect(stdout).toContain(`psql "host=${balancer?.DNSName} port=5439 dbname=airline user=reporter sslmode=require `);
    expect(stdout).toContain('verify-full fails');
    expect(stdout).toContain('simulated: the address exists in the simulator only');
    expect(stdout).toContain('--sim --for jdbc (or odbc, redshift-connector, psycopg, sqlalchemy, node, dbt)');
  });

  test('is told like this', async () => {
    const { stdout } = await connect(await openStanding(standing));
    const steady = stdout
      .replaceAll(/(?<=127\.0\.0\.1:)\d+/g, 'PORT')
      .replaceAll(/(?<=airline-dev-nlb-)[0-9a-f]+/g, 'ID');
    await expect(steady).toMatchFileSnapshot('../golden/connect.txt');
  });

  test('costs four reads: no SQL, no secret, no change', async () => {
    const ran = await connect(await openStanding(standing));
    expect(operations(ran)).toEqual([
      'GetCallerIdentity',
      'DescribeLoadBalancers',
      'DescribeTags',
      'DescribeSecurityGroups',
    ]);
  });

  test.each(clientNames)('for %s only what is to be pasted goes to stdout', async (client) => {
    const project = await openStanding(standing);
    const { stdout, stderr } = await connect(project, { for: client }, { debug: false });
    const document = await told(project);
    expect(stdout).toBe(`${document.clients[client]?.text}\n`);
    expect(stderr).toContain(`PGPASSWORD=$(aws secretsmanager get-secret-value --secret-id airline-dev/reader `);
    for (const remark of [...document.remarks, ...(document.clients[client]?.notes ?? [])])
      expect(stderr).toContain(`- ${remark}\n`);
  });

  test('is one document with every client, or the one that is asked for', async () => {
    const project = await openStanding(standing);
    const all = await told(project);
    expect(Object.keys(all.clients)).toEqual(clientNames);
    expect(all).toMatchObject({
      to: 'load balancer',
      letsIn: ['10.0.0.0/16'],
      verifyFull: false,
      keepaliveSeconds: 60,
      poolLifetimeSeconds: 600,
      validationQuery: false,
      local: null,
    });
    expect(Object.keys((await told(project, { for: 'odbc' })).clients)).toEqual(['odbc']);
  });

  test('is where `up` says that clients connect', async () => {
    const project = await openStanding(standing);
    const { clients } = await told(project);
    expect((await project.run('up')).stdout).toContain(`connect:  ${clients.psql?.text}\n`);
  });
});

describe('one warehouse', () => {
  test('consumer-2 has its own address, where names are checked and nobody is let in', async () => {
    const project = await openStanding(standing);
    const document = await told(project, { consumer: 'consumer-2' });
    expect(document.address.host).toBe(
      'airline-dev-consumer-2.123456789012.us-east-1.redshift-serverless.amazonaws.com',
    );
    expect(document).toMatchObject({ letsIn: [], verifyFull: true, database: 'airline', user: 'reporter' });
    expect(document.clients.jdbc?.text).toContain(';sslmode=verify-full;');
    expect(document.remarks).toContain('the security groups let nobody in on 5439: clients use the load balancer');
    expect(document).toEqual(await told(project, { consumer: 'airline-dev-consumer-2' }).then(withShortName));
  });

  const withShortName = (document: Document): unknown =>
    JSON.parse(JSON.stringify(document).replaceAll('--consumer airline-dev-consumer-2', '--consumer consumer-2'));

  test('the producer has its own database, and the admin whose password AWS keeps', async () => {
    const project = await openStanding(standing);
    const document = await told(project, { consumer: 'producer' });
    expect(document).toMatchObject({ letsIn: ['10.0.0.0/16'], database: 'airline_dw', user: 'admin' });
    expect(document.secret.id).toContain(':secret:redshift!airline-dev-producer-admin');
    expect(document.secret.command).toContain(`--secret-id '${document.secret.id}'`);
    const warned = clientNames.filter((client) =>
      document.clients[client]?.notes.some((note) => note.includes('type 13')),
    );
    expect(warned).toEqual(['psql', 'psycopg', 'node']);
  });

  test('a workload lets clients in, to what is shared, with the login of the consumers', async () => {
    const document = await told(await openStanding(standing), { consumer: 'analytics' });
    expect(document).toMatchObject({ letsIn: ['10.0.0.0/16'], database: 'airline', user: 'reporter' });
    expect(document.secret.id).toBe('airline-dev/reader');
    expect(document.own).toMatchObject({ database: 'analytics', user: 'admin' });
    expect(document.own?.secret).toContain('redshift!airline-dev-analytics-admin');
  });

  test('a consumer that the file does not ask for any more is found as long as it stands', async () => {
    const project = await openStanding({ ...standing, yaml: yaml.replace('count: 2', 'count: 1') });
    expect((await told(project, { consumer: 'consumer-2' })).to).toBe('consumer-2');
  });

  test('a name that is none is answered with those that are', async () => {
    const { error } = await connect(await openStanding(standing), { consumer: 'consumer-9' });
    expect(error?.code).toBe('target/unknown');
    expect(error?.hint).toBe('use one of: producer, consumer-1, consumer-2, analytics');
  });
});

describe('the password', () => {
  test.each(['consumer-1', 'producer'])("is shown on stdout alone, when %s's is asked for", async (consumer) => {
    const project = await openStanding(standing);
    const options = { showPassword: true, consumer };
    const { secret } = await told(project, options);
    const password = await passwordOf(project, secret.id);
    expect(password.length).toBeGreaterThan(8);
    const { stdout, stderr } = await connect(project, options);
    expect(stdout).toContain(`password: ${password}\n`);
    expect(stderr).toContain('GetSecretValue');
    expect(stderr).not.toContain(password);
    expect((await told(project, options)).password).toBe(password);
    expect((await connect(project, { ...options, for: 'dbt' })).stdout).toContain(`\npassword: ${password}\n`);
  });

  test('that may not be read is an error with its permission', async () => {
    const project = await openStanding(standing);
    project.simulator.intercept(({ operation }) =>
      operation === 'GetSecretValue'
        ? { error: { code: 'AccessDeniedException', message: 'no', status: 400 } }
        : undefined,
    );
    expect((await connect(project, { showPassword: true })).error?.code).toBe('aws/denied');
    expect((await connect(project)).error).toBeUndefined();
  });

  test.each(['not-json-3Xq', '{"key":"other-3Xq"}'])(
    'is not quoted from a secret that is something else',
    async (text) => {
      const project = await openStanding(standing);
      await somebody(project).secrets.updateSecret('airline-dev/reader', { description: 'mine', secretString: text });
      const { error, stdout, stderr } = await connect(project, { showPassword: true });
      expect(error?.code).toBe('connect/absent');
      expect(`${error?.stack}${stdout}${stderr}`).not.toContain('3Xq');
    },
  );
});

describe('where it is not all well', () => {
  test('nothing stands: an error that says what makes it', async () => {
    const project = await openProject({ yaml });
    for (const consumer of [undefined, 'producer', 'consumer-1']) {
      const { error, exitCode } = await connect(project, { consumer });
      expect([error?.code, exitCode]).toEqual(['connect/absent', 1]);
      expect(error?.hint).toContain('rsds up');
    }
  });

  test('a load balancer of that name that is of somebody else is not given out', async () => {
    const project = await openStanding(standing);
    const { elb } = somebody(project);
    const balancer = await elb.loadBalancer('airline-dev-nlb');
    await elb.tag(balancer?.LoadBalancerArn ?? '', { 'rsds:project': 'cargo' });
    expect((await connect(project)).error?.code).toBe('step/foreign');
  });

  test('a load balancer without security groups, which can never get one, keeps nobody out', async () => {
    const project = await openStanding(standing);
    const { elb } = somebody(project);
    const found = await elb.loadBalancer('airline-dev-nlb');
    const arn = found?.LoadBalancerArn ?? '';
    const tags = (await elb.tags([arn]))[arn] ?? {};
    const Subnets = (found?.AvailabilityZones ?? []).map(({ SubnetId = '' }) => SubnetId);
    await elb.deleteLoadBalancer(arn);
    await elb.createLoadBalancer({ Name: 'airline-dev-nlb', Type: 'network', Scheme: 'internal', Subnets }, tags);
    expect((await told(project)).letsIn).toEqual(['0.0.0.0/0']);
  });

  test('security groups that may not be read are said to be unchecked', async () => {
    const project = await openStanding(standing);
    project.simulator.intercept(({ operation }) =>
      operation === 'DescribeSecurityGroups'
        ? { error: { code: 'UnauthorizedOperation', message: 'no', status: 403 } }
        : undefined,
    );
    const document = await told(project);
    expect(document.letsIn).toBe('not checked');
    expect(document.remarks.join()).toContain(
      'security groups not checked (AccessDenied on ec2 DescribeSecurityGroups)',
    );
  });

  test('a load balancer that is still being made is shown with its state', async () => {
    const project = await openProject({ yaml });
    const interrupt = new AbortController();
    project.simulator.intercept(({ operation }) => {
      if (operation === 'CreateLoadBalancer') interrupt.abort(new RsdsError('run/interrupted', 'interrupted'));
      return undefined;
    });
    await project.run('up', { signal: interrupt.signal });
    expect((await told(project)).remarks[0]).toBe('load balancer: provisioning, so it may not answer yet');
  });
});

test('under --sim strings name this machine where the address is served on it', async () => {
  const project = await openStanding(standing);
  const asked: string[] = [];
  const find = async (host: string, port: number) => {
    asked.push(`${host}:${port}`);
    return '127.0.0.1:40123';
  };
  const document = await told(project, {}, { localAddresses: { find } });
  expect(asked).toEqual([`${document.address.host}:5439`]);
  expect(document.local).toEqual({ host: '127.0.0.1', port: 40123 });
  expect(document.clients.psql?.text).toContain(
    'host=127.0.0.1 port=40123 dbname=airline user=reporter sslmode=require',
  );
  expect(document.clients.node?.text).toContain('rejectUnauthorized: false');
  expect(document.remarks.join()).not.toContain('exists in the simulator only');
});

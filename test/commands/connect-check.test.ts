/** `connect --check` connects once, as it says, and tells each layer. */
import { beforeAll, describe, expect, test } from 'vitest';
import { type LiveProject, openLiveProject } from '../support/live-project.ts';
import { buildStandingProject, plainYaml, type StandingProject } from '../support/standing.ts';

let standing: StandingProject;
beforeAll(async () => {
  standing = await buildStandingProject(
    plainYaml(1, 'workloads: { analytics: { baseCapacity: 8, database: analytics } }\n'),
  );
});

interface Document {
  readonly to: string;
  readonly layers: readonly { readonly layer: string; readonly ms: number }[];
  readonly failed: { readonly layer: string; readonly error: { readonly code: string } } | null;
  readonly finding: { readonly what: string; readonly cause: string | null; readonly remedy: string | null };
}

async function checked(project: LiveProject, consumer?: string): Promise<Document & { exitCode: number }> {
  const options = { check: true, consumer };
  const { stdout, exitCode, error } = await project.run('connect', { json: true, options });
  if (error) throw error;
  return { ...(JSON.parse(stdout) as Document), exitCode };
}

const reached = ({ layers }: Document) => layers.map(({ layer }) => layer);

test.each([
  [undefined, 'load balancer', 'answered as reporter on airline: consumer-1'],
  ['producer', 'producer', 'answered as admin on airline_dw: producer'],
  ['analytics', 'analytics', 'answered as reporter on airline: analytics'],
])('%s answers, and says who', async (consumer, to, what) => {
  const document = await checked(await openLiveProject(standing), consumer);
  expect(document).toMatchObject({ exitCode: 0, to, failed: null });
  expect(document.finding.what).toBe(what);
  expect(reached(document)).toEqual(['dns', 'tcp', 'tls', 'login', 'identity']);
});

test('is told like this', async () => {
  const { stdout } = await (await openLiveProject(standing)).run('connect', { options: { check: true } });
  await expect(stdout.replaceAll(/ +\d+ ms/g, '  N ms')).toMatchFileSnapshot('../golden/connect-check.txt');
});

describe('a connection that does not come about', () => {
  test('to a consumer past the load balancer says who may', async () => {
    const document = await checked(await openLiveProject(standing), 'consumer-1');
    expect(document).toMatchObject({
      exitCode: 5,
      failed: { layer: 'tcp', error: { code: 'ETIMEDOUT' } },
      finding: {
        cause: 'the security groups let nobody in on 5439: clients use the load balancer',
        remedy: 'rsds connect --check --region us-east-1 --sim',
      },
    });
  });

  test('for its login says what is amiss, and what tells where', async () => {
    const project = await openLiveProject(standing);
    await project.sql('consumer-1', "ALTER USER reporter PASSWORD 'Another1Password'");
    const document = await checked(project);
    expect(document).toMatchObject({
      exitCode: 5,
      failed: { layer: 'login', error: { code: '28P01' } },
      finding: {
        cause: expect.stringContaining('the password of reporter there is another than the one in the secret'),
        remedy: 'rsds test connectivity --region us-east-1 --sim',
      },
    });
  });

  test('for its name says that this machine does not know it', async () => {
    const project = await openLiveProject(standing);
    const localAddresses = { find: async () => 'nowhere.invalid:5439' };
    const { stdout, exitCode } = await project.run('connect', { localAddresses, options: { check: true } });
    expect(exitCode).toBe(5);
    expect(stdout).toMatch(/it ended at the name: E[A-Z_]+/);
    expect(stdout).toContain('the resolver of this machine does not know the name');
  });
});

test('strings and passwords are asked for without it', async () => {
  const project = await openLiveProject(standing);
  for (const options of [{ for: 'jdbc' }, { showPassword: true }]) {
    const { error } = await project.run('connect', { options: { check: true, ...options } });
    expect(error?.code).toBe('usage/invalid');
  }
});

/** Clients at work while the pool changes: no connection is refused, no query fails that AWS itself would not have failed. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GetNamespaceCommand } from '@aws-sdk/client-redshift-serverless';
import { beforeAll, describe, expect, test } from 'vitest';
import { localVantage } from '../../src/probe/local-vantage.ts';
import type { LoadReport } from '../../src/probe/plan.ts';
import { RealClock } from '../../src/shared/clock.ts';
import { type LiveProject, openLiveProject } from '../support/live-project.ts';
import type { VerbOptions } from '../support/project.ts';
import { full } from '../support/seed.ts';
import { buildStandingProject, plainYaml, type StandingProject } from '../support/standing.ts';

let standing: StandingProject;
beforeAll(async () => {
  standing = await buildStandingProject(plainYaml(2));
});

/** AWS's minutes pass in seconds. */
const speed = 200;

/** Clients that stay for some queries each, until `body` has ended. */
async function underLoad(
  live: LiveProject['live'],
  body: () => Promise<unknown>,
  queriesPerConnection = 4,
): Promise<LoadReport> {
  const over = new AbortController();
  const port = await live.port('nlb');
  const vantage = localVantage({
    clock: new RealClock(),
    password: async () => live.passwords.reporter,
    locate: async () => ({ host: '127.0.0.1', port }),
  });
  const target = { host: 'nlb', port: 5439, database: 'airline', user: 'reporter', secret: 'airline-dev/reader' };
  const load = vantage.load(
    {
      ...{ kind: 'load', target, connections: 8, seconds: 600, sql: 'SELECT 1 FROM airline.public.flights' },
      ...{ queriesPerConnection, pauseMs: 60, timeoutMs: 3_000, wakeMs: 3_000 },
    },
    over.signal,
  );
  try {
    await body();
  } finally {
    over.abort(new Error('enough'));
  }
  return load;
}

/** Of time in which changes and health checks are noticed everywhere (F-691). */
const settleMs = 4_000;

interface Change {
  readonly change: string;
  readonly verb: string;
  readonly how: VerbOptions;
  /** What is written to rsds.yaml before. */
  readonly yaml?: string;
  /** Of how many consumers clients got answers in the whole time. */
  readonly answering: number;
}

const changes: readonly Change[] = [
  { change: 'a consumer more', verb: 'scale', how: { options: { consumers: 3 } }, answering: 3 },
  { change: 'a consumer less', verb: 'scale', how: { options: { consumers: 1 } }, answering: 2 },
  {
    change: 'a consumer that is replaced',
    verb: 'replace',
    how: { arguments: { consumer: 'consumer-1' } },
    answering: 3,
  },
  {
    change: 'another size of all consumers',
    verb: 'up',
    how: {},
    yaml: plainYaml(2).replace('count: 2', 'count: 2, baseCapacity: 16'),
    answering: 2,
  },
];

describe('no client notices', () => {
  // The replacement is both, a consumer more and one less.
  const tried = changes.filter(({ verb }) => full || verb === 'replace');

  test.each(tried)('$change', async ({ verb, how, yaml, answering }) => {
    const project = await openLiveProject(standing, speed);
    if (yaml !== undefined) writeFileSync(join(project.project.folder, 'rsds.yaml'), yaml);
    const report = await underLoad(project.live, async () => {
      await new RealClock().sleep(1_000);
      const ran = await project.run(verb, how);
      expect(ran.error).toBeUndefined();
      expect(ran.requests.filter(({ mutating }) => mutating).length).toBeGreaterThan(2);
      await new RealClock().sleep(settleMs);
    });
    expect(report.errors).toEqual([]);
    expect(report.queries).toBeGreaterThan(100);
    expect(Object.keys(report.latencies)).toHaveLength(answering);
  });
});

test('a consumer that dies takes its own connections with it, and no others', async () => {
  const project = await openLiveProject(standing, speed);
  const report = await underLoad(
    project.live,
    async () => {
      await new RealClock().sleep(1_500);
      project.live.simulator.faults.add({ kind: 'dead', target: 'airline-dev-consumer-2' });
      await new RealClock().sleep(2 * settleMs);
      // Some stay long enough to be there when it dies.
    },
    40,
  );
  const { namespace } = await project.live.clients.serverless.send(
    new GetNamespaceCommand({ namespaceName: 'airline-dev-consumer-2' }),
  );
  const met = report.errors.flatMap(({ namespaceId }) => namespaceId ?? []);
  expect(met.length).toBeGreaterThan(0);
  expect(new Set(met)).toEqual(new Set([namespace?.namespaceId]));
  // Health checks have noticed, and those who waited for an answer have given up.
  expect(report.seconds.slice(-3).map(({ errors }) => errors)).toEqual([0, 0, 0]);
});

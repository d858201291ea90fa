/** A project whose environment stands and can be connected to from here: verbs run in real time, as on a command line. */
import { DescribeStatementCommand, ExecuteStatementCommand } from '@aws-sdk/client-redshift-data';
import { GetNamespaceCommand } from '@aws-sdk/client-redshift-serverless';
import { onTestFinished } from 'vitest';
import type { LocalAddresses } from '../../src/commands/context.ts';
import { RealClock } from '../../src/shared/clock.ts';
import { type Live, openLive } from './live.ts';
import { type Project, projectIn, type Ran, type VerbOptions } from './project.ts';
import type { StandingProject } from './standing.ts';

export interface LiveProject {
  readonly live: Live;
  readonly project: Project;
  /** Runs a verb with what is served on this machine within reach. */
  run(name: string, how?: VerbOptions): Promise<Ran>;
  /** Lets the account's time pass, seen before and after as it would be all along. */
  minutes(count: number): Promise<void>;
  /** As the administrator of a warehouse, in its own database, by the Data API. */
  sql(short: string, ...statements: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

export async function startLiveProject(standing: StandingProject, speed = 600): Promise<LiveProject> {
  const live = await openLive(standing.saved, speed);
  const { simulator, accessKeyId } = live;
  const project = projectIn({ clock: new RealClock(speed), simulator, seed: 1, accessKeyId }, standing);
  const localAddresses: LocalAddresses = {
    find: async (dnsName, port) =>
      (await simulator.addresses()).find((one) => one.dnsName === dnsName && one.port === port)?.local,
  };
  return {
    live,
    project,
    run: (name, how = {}) => project.run(name, { localAddresses, ...how }),
    minutes: async (count) => {
      await simulator.addresses();
      simulator.world.skip(count * 60_000);
      await simulator.addresses();
    },
    sql: (short, ...statements) => runSql(live, short, statements),
    close: () => project.close(),
  };
}

async function runSql({ clients }: Live, short: string, statements: readonly string[]): Promise<void> {
  const name = `airline-dev-${short}`;
  const { data, serverless } = clients;
  const { namespace } = await serverless.send(new GetNamespaceCommand({ namespaceName: name }));
  const where = { WorkgroupName: name, Database: namespace?.dbName, SecretArn: namespace?.adminPasswordSecretArn };
  for (const Sql of statements) {
    const { Id } = await data.send(new ExecuteStatementCommand({ ...where, Sql }));
    for (let status = ''; status !== 'FINISHED'; ) {
      const described = await data.send(new DescribeStatementCommand({ Id }));
      status = described.Status ?? '';
      if (status === 'FAILED') throw new Error(described.Error);
      await new RealClock().sleep(20);
    }
  }
}

/** Closed with the running test. */
export async function openLiveProject(standing: StandingProject, speed = 600): Promise<LiveProject> {
  const opened = await startLiveProject(standing, speed);
  onTestFinished(() => opened.close());
  return opened;
}

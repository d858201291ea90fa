/** An environment that stands, served in faster time, with what the vantage point of instances is given. */
import { DescribeInstancesCommand, type Instance } from '@aws-sdk/client-ec2';
import { type Aws, createAws } from '../../../src/aws/aws.ts';
import { readConfig } from '../../../src/config/load.ts';
import { type Desired, desire } from '../../../src/model/desired.ts';
import type { InstancesOptions } from '../../../src/probe/instances/vantage.ts';
import type { ConnectionPlan } from '../../../src/probe/plan.ts';
import { RealClock } from '../../../src/shared/clock.ts';
import { seededRandom } from '../../../src/shared/random.ts';
import { type Live, openLive } from '../../support/live.ts';
import { clientConfigOf } from '../../support/simulator.ts';
import type { StandingProject } from '../../support/standing.ts';

export interface LiveProbe extends Live {
  readonly aws: Aws;
  readonly desired: Desired;
  /** What was told while things were made and removed. */
  readonly told: string[];
  options(more?: Partial<InstancesOptions>): InstancesOptions;
  plan(more?: Partial<ConnectionPlan>): ConnectionPlan;
  /** Those of tests, in this state. */
  instances(state?: string): Promise<readonly Instance[]>;
}

const speed = 600;

export async function openLiveProbe({ saved, yaml, files }: StandingProject): Promise<LiveProbe> {
  const live = await openLive(saved, speed);
  const clock = new RealClock(speed);
  const random = seededRandom(11);
  const { credentials } = clientConfigOf('', live.accessKeyId);
  const aws = createAws({
    region: 'us-east-1',
    clock,
    random,
    environment: {},
    endpoint: live.simulator.url,
    credentials,
  });
  const source = { text: yaml, file: undefined, readSql: async (name: string) => files[name] ?? '' };
  const { config } = await readConfig(source, { cwd: '/', environment: {}, sim: true } as never);
  const desired = desire(config);
  const host = (await aws.elb.loadBalancer(desired.names.loadBalancer))?.DNSName ?? '';
  const told: string[] = [];
  const target = {
    ...{ host, port: 5439, database: 'airline', user: 'reporter', secret: desired.names.readerSecret },
  };
  return {
    ...live,
    aws,
    desired,
    told,
    options: (more) => ({ aws, desired, clock, random, run: 'run-1', tell: (line) => told.push(line), ...more }),
    plan: (more) => ({
      ...{ kind: 'connections', target, connections: 4, parallel: 2 },
      ...{ tableSql: 'SELECT count(*) FROM flights', timeoutMs: 4_000 },
      ...more,
    }),
    instances: async (state = 'running') => {
      const Filters = [
        { Name: 'tag-key', Values: ['rsds:test'] },
        { Name: 'instance-state-name', Values: [state] },
      ];
      const { Reservations = [] } = await live.clients.ec2.send(new DescribeInstancesCommand({ Filters }));
      return Reservations.flatMap(({ Instances = [] }) => Instances);
    },
    close: async () => {
      aws.close();
      await live.close();
    },
  };
}

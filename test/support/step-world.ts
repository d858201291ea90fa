/** A simulated account on virtual time, with the tool's own AWS layer and engine on it: what tests of steps stand on. */
import { onTestFinished } from 'vitest';
import { type ApiCall, type Aws, createAws } from '../../src/aws/aws.ts';
import type { Config } from '../../src/config/config.ts';
import type { RunEvent } from '../../src/engine/events.ts';
import { openLane } from '../../src/engine/lane.ts';
import { makePlan, type Plan, type Target } from '../../src/engine/plan.ts';
import { type RunResult, run } from '../../src/engine/run.ts';
import { emptyDocument } from '../../src/ledger/document.ts';
import type { Ledger, LedgerDocument } from '../../src/ledger/ledger.ts';
import { applyEvent } from '../../src/ledger/transitions.ts';
import { type Desired, desire } from '../../src/model/desired.ts';
import { VirtualClock } from '../../src/shared/clock.ts';
import { seededRandom } from '../../src/shared/random.ts';
import { type SavedSimulator, type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import type { WorldSettings } from '../../src/simulator/world.ts';
import type { StepContext } from '../../src/steps/changes.ts';

export interface StepWorld {
  readonly simulator: Simulator;
  readonly clock: VirtualClock;
  readonly aws: Aws;
  /** Every attempt of the tool, in order. */
  readonly calls: readonly ApiCall[];
  readonly desired: Desired;
  readonly context: StepContext;
  readonly ledger: Ledger;
  readonly events: RunEvent[];
  plan(targets: readonly Target[]): Promise<Plan>;
  /** Plans and carries out. */
  bring(targets: readonly Target[]): Promise<RunResult>;
  /** Names of the mutating calls that `body` makes the tool send, e.g. `ec2.CreateVpc`. */
  mutationsOf(body: () => Promise<unknown>): Promise<string[]>;
  /** Forgets everything that was recorded. */
  loseLedger(): void;
  close(): Promise<void>;
}

/** What the configuration of a test is, beside `testConfig`. */
export interface StepWorldOptions {
  readonly config?: Partial<Config>;
  readonly saved?: SavedSimulator;
  readonly document?: LedgerDocument;
  readonly settings?: Partial<WorldSettings>;
}

/** A world that ends with the running test. */
export async function openStepWorld(options: StepWorldOptions = {}): Promise<StepWorld> {
  const world = await startStepWorld(options);
  onTestFinished(() => world.close());
  return world;
}

/** A world that the caller closes: for `beforeAll`. */
export async function startStepWorld(options: StepWorldOptions = {}): Promise<StepWorld> {
  const clock = new VirtualClock();
  const { saved, settings } = options;
  const simulator = await startSimulator({ clock, settings: { workgroupConcurrency: 'fine', ...settings }, saved });
  const random = seededRandom(7);
  const calls: ApiCall[] = [];
  const aws = createAws({
    region: 'us-east-1',
    clock,
    random,
    environment: {},
    endpoint: simulator.url,
    credentials: { accessKeyId: 'AKIASIMULATED', secretAccessKey: 'simulated' },
    onCall: (call) => calls.push(call),
  });
  const desired = desire({ ...testConfig, ...options.config });
  const ledger = memoryLedger(options.document);
  const events: RunEvent[] = [];
  const never = new AbortController().signal;
  const plan = (targets: readonly Target[]) =>
    makePlan(targets, {
      signal: never,
      sql: false,
      recorded: (id) => ledger.document().resources[id]?.data,
      recordedState: (id) => ledger.document().resources[id]?.state,
    });
  const bring = async (targets: readonly Target[]) =>
    run(await plan(targets), {
      command: 'test',
      clock,
      random,
      ledger,
      reporter: { emit: (event) => events.push(event) },
      lane: openLane,
      checkLease: async () => {},
      signal: never,
      sql: false,
      deletionsAtOnce: { workgroup: 4 },
    });
  return {
    simulator,
    clock,
    aws,
    calls,
    desired,
    context: { desired, aws },
    ledger,
    events,
    plan,
    bring,
    mutationsOf: async (body) => {
      const before = simulator.requests.next - 1;
      await body();
      const sent = simulator.requests.since(before).filter(({ mutating }) => mutating);
      return sent.map(({ service, operation }) => `${service}.${operation}`);
    },
    loseLedger: () => ledger.lose(),
    close: async () => {
      aws.close();
      await simulator.close();
    },
  };
}

/** As files are, without a file. */
export function memoryLedger(start?: LedgerDocument): Ledger & { lose(): void } {
  const empty = emptyDocument(
    { project: 'airline', environment: 'dev', account: '123456789012', region: 'us-east-1' },
    'a1b2c3d4',
  );
  let document = start ?? empty;
  return {
    document: () => document,
    record: async (...events) => {
      for (const event of events) document = applyEvent(document, event);
    },
    reload: async () => {},
    fence: () => {},
    lose: () => {
      document = empty;
    },
  };
}

/** A configuration with one of everything that is optional. */
export const fullConfig = (): Partial<Config> => ({
  network: { ...testConfig.network, enhancedVpcRouting: true },
  producer: { ...testConfig.producer, usageLimits: [{ rpuHours: 100, period: 'daily', action: 'log' }] },
  workloads: { analytics: { database: 'analytics', baseCapacity: 8, parameters: {}, usageLimits: [] } },
});

export const testConfig: Config = {
  project: 'airline',
  environment: 'dev',
  region: 'us-east-1',
  tags: { CostCenter: 'analytics' },
  kmsKey: 'create',
  network: {
    vpc: { create: true },
    vpcCidr: '10.0.0.0/16',
    subnetCidrs: ['10.0.0.0/23', '10.0.2.0/23', '10.0.4.0/23'],
    enhancedVpcRouting: false,
  },
  producer: {
    database: 'airline_dw',
    adminUsername: 'admin',
    baseCapacity: 32,
    maxCapacity: 256,
    s3Buckets: ['airline-landing'],
    initSql: [],
    parameters: {},
    usageLimits: [],
    logs: ['useractivitylog', 'userlog'],
    snapshotRetentionDays: 7,
    finalSnapshotRetentionDays: -1,
  },
  consumers: {
    count: 2,
    without: [],
    allowDeactivate: false,
    baseCapacity: 32,
    maxCapacity: 64,
    parameters: { max_query_execution_time: '3600' },
    usageLimits: [],
  },
  workloads: {},
  datashare: {
    name: 'airline_share',
    schemas: ['public'],
    tables: [],
    consumerDatabase: 'airline',
    reader: 'reporter',
    externalSchemas: false,
  },
  loadBalancer: {
    port: 5439,
    healthCheckSeconds: 30,
    deregistrationDelaySeconds: 30,
    idleTimeoutSeconds: 6000,
    crossZone: true,
  },
  lock: { table: 'rsds-locks', leaseSeconds: 60, waitMinutes: 60, foreign: 'wait' },
  state: 'local',
  workgroupConcurrency: 1,
  allowBeyondDefaultQuota: false,
};

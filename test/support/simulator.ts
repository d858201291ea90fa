/** A simulator for tests: started for one test (file), closed by itself, with what SDK clients need to reach it. */
import { onTestFinished } from 'vitest';
import { RealClock, VirtualClock } from '../../src/shared/clock.ts';
import { type Fault, type SavedSimulator, type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import type { WorldSettings } from '../../src/simulator/world.ts';

export interface TestSimulatorOptions {
  /** Virtual time: waits cost nothing, but every I/O must be tracked on the clock (`track`). */
  readonly virtual?: boolean;
  readonly settings?: Partial<WorldSettings>;
  readonly saved?: SavedSimulator | undefined;
  readonly faults?: readonly Fault[];
  readonly onMutation?: () => void;
  readonly keep?: (saved: SavedSimulator) => void;
}

export interface TestSimulator {
  readonly simulator: Simulator;
  readonly clock: RealClock | VirtualClock;
  readonly clientConfig: ClientConfig;
}

export interface ClientConfig {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly maxAttempts: number;
}

export const clientConfigOf = (endpoint: string, accessKeyId = 'AKIASIMULATED'): ClientConfig => ({
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId, secretAccessKey: 'simulated' },
  maxAttempts: 1,
});

/** Starts a simulator and leaves closing it to the caller: for `beforeAll`. */
export async function openTestSimulator(options: TestSimulatorOptions = {}): Promise<TestSimulator> {
  const { virtual = false, ...rest } = options;
  const clock = virtual ? new VirtualClock() : new RealClock();
  const simulator = await startSimulator({ clock, ...rest });
  return { simulator, clock, clientConfig: clientConfigOf(simulator.url) };
}

/** Starts a simulator that ends with the running test. */
export async function startTestSimulator(options: TestSimulatorOptions = {}): Promise<TestSimulator> {
  const started = await openTestSimulator(options);
  onTestFinished(() => started.simulator.close());
  return started;
}

/** Runs `body` with a simulator and closes it whatever happens. */
export async function withSimulator<T>(
  options: TestSimulatorOptions,
  body: (started: TestSimulator) => Promise<T>,
): Promise<T> {
  const started = await openTestSimulator(options);
  try {
    return await body(started);
  } finally {
    await started.simulator.close();
  }
}

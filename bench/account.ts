/** A simulated account that the program reaches as it would reach AWS, and a folder to run it in. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RealClock } from '../src/shared/clock.ts';
import { type SavedSimulator, type Simulator, startSimulator } from '../src/simulator/simulator.ts';
import { schemaSql } from '../test/support/standing.ts';
import { plainEnvironment } from './processes.ts';

export interface Account {
  readonly simulator: Simulator;
  readonly folder: string;
  /** For the program, with the endpoint to use: the simulator's, or that of something in front of it. */
  environment(endpoint: string): NodeJS.ProcessEnv;
  close(): Promise<void>;
}

export interface AccountOptions {
  readonly yaml: string;
  /** How many times faster than real time AWS's time runs. */
  readonly speed?: number;
  readonly saved?: SavedSimulator;
  /** Text of the ledger of the environment `dev`. */
  readonly ledger?: string;
}

export async function openAccount({ yaml, speed = 1, saved, ledger }: AccountOptions): Promise<Account> {
  const folder = mkdtempSync(join(tmpdir(), 'rsds-bench-'));
  writeFileSync(join(folder, 'rsds.yaml'), yaml);
  writeFileSync(join(folder, 'schema.sql'), schemaSql);
  if (ledger !== undefined) {
    mkdirSync(join(folder, '.rsds'));
    writeFileSync(join(folder, '.rsds', 'airline-dev.json'), ledger);
  }
  const simulator = await startSimulator({ clock: new RealClock(speed), saved });
  return {
    simulator,
    folder,
    environment: (endpoint) => ({
      ...plainEnvironment(),
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: 'AKIASIMULATED',
      AWS_SECRET_ACCESS_KEY: 'simulated',
      AWS_EC2_METADATA_DISABLED: 'true',
      RSDS_CLOCK_SPEED: String(speed),
    }),
    close: async () => {
      await simulator.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

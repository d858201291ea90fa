/** What a command is given: everything of the world outside that it may touch. Built by main.ts, by hand in tests. */
import type { Board } from '../report/board.ts';
import type { Notices } from '../report/notices.ts';
import type { Output } from '../report/output.ts';
import type { Prompter } from '../report/prompter.ts';
import type { RunReporter } from '../report/reporter.ts';
import type { Clock } from '../shared/clock.ts';
import type { Random } from '../shared/random.ts';
import type { GlobalOptions } from './global-options.ts';

export interface CommandContext {
  /** The command's name, e.g. `up`. */
  readonly command: string;
  readonly version: string;
  /** This program's own file, for starting it again in the background. */
  readonly program: string;
  readonly flags: GlobalOptions;
  readonly cwd: string;
  /**
   * The environment variables. Under `--sim` without those that would lead to a real account (AWS_PROFILE, keys,
   * AWS_ENDPOINT_URL*).
   */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** AWS's time: under `--sim`, or with RSDS_CLOCK_SPEED, it runs faster. */
  readonly clock: Clock;
  readonly random: Random;
  /** Fires at the first Ctrl-C or SIGTERM, with an RsdsError as its reason. */
  readonly signal: AbortSignal;
  /** Where AWS is, and as whom; to be spread into `createAws`. Empty: the SDK's own ways. */
  readonly aws: AwsAccess;
  /** Where ledger and simulator keep their files: `.rsds` beside rsds.yaml, else in `cwd`; `.rsds/sim` under `--sim`. */
  readonly stateDirectory: string;
  readonly localAddresses: LocalAddresses;
  /** Results: stdout. */
  readonly out: Output;
  /** Remarks that are neither result nor progress: stderr. */
  readonly notices: Notices;
  readonly prompter: Prompter;
  /** The renderer of a run's events, chosen by flags and terminal; to be closed when the run has ended. */
  reporter(): Promise<RunReporter>;
  /** Where figures are shown while something is measured; to be closed before a result is printed. */
  board(): Promise<Board>;
}

export interface AwsAccess {
  readonly profile?: string;
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** Where the things that AWS would serve inside a VPC listen on this machine; a real account has none. */
export interface LocalAddresses {
  /** `host:port` for a warehouse's or load balancer's DNS name and port. */
  find(dnsName: string, port: number): Promise<string | undefined>;
}

export const noLocalAddresses: LocalAddresses = { find: () => Promise.resolve(undefined) };

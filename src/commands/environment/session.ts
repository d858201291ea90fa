/**
 * What every command about an environment starts with: configuration, AWS, who we are there, the ledger. Nothing is
 * changed here.
 */
import { hostname, userInfo } from 'node:os';
import { basename } from 'node:path';
import { type Aws, createAws } from '../../aws/aws.ts';
import { profileRegion } from '../../aws/profile.ts';
import type { Config } from '../../config/config.ts';
import { withConsumers } from '../../config/consumers.ts';
import { loadConfig } from '../../config/load.ts';
import { ledgerPath, openFileLedger } from '../../ledger/file-ledger.ts';
import type { LedgerDocument, LedgerStore } from '../../ledger/ledger.ts';
import { ledgerKey, openS3Ledger, parseState } from '../../ledger/s3-ledger.ts';
import type { LockInfo } from '../../lock/lock.ts';
import { type Desired, desire } from '../../model/desired.ts';
import { formatDuration } from '../../shared/clock.ts';
import type { CommandContext } from '../context.ts';

/** Where we are and who, by configuration and AWS alone: enough for what must work without the ledger. */
export interface Account {
  readonly context: CommandContext;
  readonly config: Config;
  /** Undefined: the built-in example. */
  readonly file: string | undefined;
  readonly aws: Aws;
  readonly account: string;
  readonly identity: string;
  /** Who we are in locks and in the ledger's history. */
  readonly info: LockInfo;
}

export interface Session extends Account {
  /** With the consumers that `scale` may have put in the place of the file's. */
  readonly config: Config;
  /** How many consumers the file asks for. */
  readonly written: number;
  readonly desired: Desired;
  readonly ledger: LedgerStore;
}

/** Commands that build from the configuration: remarks about it are for whoever types one of these. */
const builders: ReadonlySet<string> = new Set(['plan', 'up', 'scale']);

export interface SessionOptions {
  /** Make the ledger anew from what tags and names show; what stands is kept aside. */
  readonly rebuildLedger?: boolean;
}

/** Finds account and region of the environment that the flags name. The first call to AWS is GetCallerIdentity, which fails fast. */
export async function openAccount(context: CommandContext): Promise<Account> {
  const { config, file, notices, announcements } = await loadConfigOf(context);
  const aws = openAws(context, config.region);
  const { account, arn } = await aws.sts.identity();
  context.clock.align(aws.now() ?? context.clock.now());
  for (const notice of builders.has(context.command) ? notices : announcements) context.notices.line(notice);
  context.notices.line(`${config.project} ${config.environment} in ${config.region}, account ${account} as ${arn}`);
  return { context, config, file, aws, account, identity: arn, info: infoOf(context) };
}

/** Opens the environment that the flags name. Throws what `openAccount` and `openLedger` throw. */
export async function openSession(
  context: CommandContext,
  { rebuildLedger = false }: SessionOptions = {},
): Promise<Session> {
  const account = await openAccount(context);
  const ledger = await openLedger(account, { rebuild: rebuildLedger });
  if (ledger.aside) {
    context.notices.line(`${ledger.path} is made anew from tags and names; the old one is kept as ${ledger.aside}`);
  }
  return { ...account, ...wishOf(account, ledger.document()), written: account.config.consumers.count, ledger };
}

/** The configuration as it is wished for, by what `scale` left in the ledger, and what should stand by it. */
export function wishOf(account: Account, document: LedgerDocument): Pick<Session, 'config' | 'desired'> {
  const config = withOverride(account, document);
  return { config, desired: desire(config) };
}

/** The configuration that the flags name. */
async function loadConfigOf(context: CommandContext) {
  const { flags, cwd, environment } = context;
  const options = { file: flags.config, env: flags.env, region: flags.region, cwd, environment, sim: flags.sim };
  // Only asked where a profile could be in use: under --sim there is none.
  const region = flags.sim ? undefined : await profileRegion(flags.profile, environment);
  return loadConfig({ ...options, profileRegion: region });
}

/** By this attempt a call has been waited for for seconds, a throttled one for a quarter of a minute. */
const longWaitFrom = 5;

function openAws(context: CommandContext, region: string): Aws {
  const { clock, random, environment, notices, aws } = context;
  return createAws({
    ...aws,
    region,
    clock,
    random,
    environment,
    onCall: ({ service, operation, ms, requestId, attempt, error, retryInMs }) => {
      const outcome = error === undefined ? `${Math.round(ms)} ms` : `${error} after ${Math.round(ms)} ms`;
      const again = retryInMs === undefined ? '' : `, again in ${formatDuration(retryInMs)}`;
      const line = `${service} ${operation} ${outcome}${attempt > 1 ? `, attempt ${attempt}` : ''}${again} ${requestId ?? ''}`;
      if (retryInMs === undefined) notices.debug(line.trimEnd());
      // A wait that is getting long is told to everybody.
      else if (attempt >= longWaitFrom) notices.line(line.trimEnd());
      else notices.detail(line.trimEnd());
    },
  });
}

/** The ledger that `state` names: a file, or an object in S3. Throws `ledger/…` with the way out. */
export async function openLedger(
  { context, config, aws, account }: Account,
  { state = config.state, rebuild = false }: { state?: string; rebuild?: boolean } = {},
): Promise<LedgerStore> {
  const identity = { project: config.project, environment: config.environment, account, region: config.region };
  const { clock, random } = context;
  const remote = parseState(state);
  if (remote) {
    const key = ledgerKey(remote.prefix, identity);
    return openS3Ledger({ bucket: remote.bucket, key, identity, calls: aws.s3, clock, random, rebuild });
  }
  const path = ledgerPath(context.stateDirectory, identity);
  return openFileLedger({ path, identity, clock, random, rebuild });
}

/** Where there is no file to write a new count to, and in rehearsals, the ledger keeps it. */
function withOverride({ config, file, context }: Account, { override }: LedgerDocument): Config {
  if (!override || (file !== undefined && !context.flags.sim)) return config;
  const { count: written } = config.consumers;
  if (override.instead !== undefined && override.instead !== written) return config;
  if (file !== undefined && override.consumers !== written) {
    context.notices.line(
      `consumers.count is ${override.consumers}, as rsds scale left it in the simulator; ${basename(file)} says ${written}`,
    );
  }
  return withConsumers(config, { count: override.consumers, without: override.without });
}

function infoOf(context: CommandContext): LockInfo {
  return { user: userName(), host: hostname(), pid: process.pid, operation: context.command };
}

// A user id without a name, as in some containers, is no reason to fail.
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}

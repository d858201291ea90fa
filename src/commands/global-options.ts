/** The options that every command takes, before or after its name. */
import type { OptionDefinitions, OptionValue } from './definition.ts';

export interface GlobalOptions {
  readonly config: string | undefined;
  /** Environment of rsds.yaml: `--env`, else RSDS_ENV; absent: `dev`. */
  readonly env: string | undefined;
  readonly profile: string | undefined;
  readonly region: string | undefined;
  readonly sim: boolean;
  readonly json: boolean;
  readonly yes: boolean;
  readonly color: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly debug: boolean;
}

export const globalOptions = {
  config: { type: 'text', value: 'file', summary: 'configuration file (default: the nearest rsds.yaml upwards)' },
  env: { type: 'text', value: 'name', summary: 'environment (RSDS_ENV; default: dev)' },
  profile: { type: 'text', value: 'name', summary: 'AWS profile (AWS_PROFILE)' },
  region: { type: 'text', value: 'name', summary: 'AWS region (rsds.yaml, AWS_REGION)' },
  sim: { type: 'flag', summary: 'use the AWS simulator on this machine: no account, no money' },
  json: { type: 'flag', summary: 'results as JSON on stdout' },
  yes: { type: 'flag', summary: 'answer every confirmation with yes' },
  color: { type: 'flag', unless: true, summary: 'no colours (NO_COLOR)' },
  quiet: { type: 'flag', summary: 'only results and errors' },
  verbose: { type: 'flag', summary: 'more about what is going on' },
  debug: { type: 'flag', summary: 'every AWS call, and stack traces of errors' },
} as const satisfies OptionDefinitions;

type Parsed = Readonly<Record<string, OptionValue>>;

/** Global options from what was parsed, completed from the environment variables. */
export function globalOptionsFrom(
  parsed: Parsed,
  environment: Readonly<Record<string, string | undefined>>,
): GlobalOptions {
  const text = (key: string) => (typeof parsed[key] === 'string' ? parsed[key] : undefined);
  const on = (key: string) => parsed[key] === true;
  return {
    config: text('config'),
    env: text('env') ?? (environment.RSDS_ENV || undefined),
    profile: text('profile'),
    region: text('region'),
    sim: on('sim'),
    json: on('json'),
    yes: on('yes'),
    color: parsed.color !== false,
    quiet: on('quiet'),
    verbose: on('verbose'),
    debug: on('debug'),
  };
}

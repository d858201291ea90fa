/** The real AWS CLI, as a process of its own. */
import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Whether `aws` can be run here. Missing, it is said once; with RSDS_REQUIRE_TOOLS=1 it is an error. */
export function awsIsThere(): boolean {
  if (spawnSync('aws', ['--version']).status === 0) return true;
  if (process.env.RSDS_REQUIRE_TOOLS === '1') throw new Error('RSDS_REQUIRE_TOOLS=1, and there is no AWS CLI on PATH');
  console.log('skipped: there is no AWS CLI on PATH');
  return false;
}

export interface AwsCli {
  /** Runs `aws …` and gives what it prints as JSON; fails with what it says on stderr. */
  json(...words: string[]): Promise<unknown>;
  /** Runs `aws …` that must fail, and gives its exit code and stderr. */
  failure(...words: string[]): Promise<{ code: unknown; stderr: string }>;
}

export function awsCli(endpoint: string): AwsCli {
  const env = {
    ...process.env,
    AWS_ACCESS_KEY_ID: 'AKIASIMULATED',
    AWS_SECRET_ACCESS_KEY: 'simulated',
    AWS_SESSION_TOKEN: '',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_CONFIG_FILE: '/nonexistent',
    AWS_SHARED_CREDENTIALS_FILE: '/nonexistent',
    AWS_PROFILE: undefined,
    AWS_MAX_ATTEMPTS: '1',
    AWS_PAGER: '',
  };
  const aws = (words: string[]) => run('aws', [...words, '--endpoint-url', endpoint, '--output', 'json'], { env });
  return {
    json: async (...words) => {
      const { stdout } = await aws(words);
      return stdout === '' ? undefined : JSON.parse(stdout);
    },
    failure: async (...words) => {
      const outcome = await aws(words).catch((error: { code: unknown; stderr: string }) => error);
      if ('code' in outcome) return outcome;
      throw new Error(`aws ${words.join(' ')} was expected to fail and printed ${outcome.stdout}`);
    },
  };
}

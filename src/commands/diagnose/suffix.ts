/** What a command that a remedy names needs behind it to find the same environment: what this one was given. */
import type { Observations } from '../../diagnose/observations.ts';
import { shellWord } from '../../shared/shell.ts';
import type { CommandContext } from '../context.ts';

export function suffixOf({ flags, aws }: CommandContext, region: string): Observations['suffix'] {
  const option = (name: string, value: string | undefined) =>
    value === undefined ? '' : ` --${name} ${shellWord(value)}`;
  const profile = option('profile', flags.profile);
  return {
    rsds: [
      option('config', flags.config),
      option('env', flags.env),
      profile,
      option('region', flags.region),
      flags.sim ? ' --sim' : '',
    ].join(''),
    // Without it the AWS CLI would leave the simulator for the real account.
    aws: `${option('region', region)}${profile}${option('endpoint-url', aws.endpoint)}`,
  };
}

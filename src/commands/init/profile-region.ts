/** The region of an AWS profile, read without the SDK: `init` is to start fast and needs one line of the file. */
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** The `region` of `profile` (else AWS_PROFILE, else `default`) in AWS's configuration file; undefined when not given. */
export async function profileRegion(
  profile: string | undefined,
  environment: Environment,
): Promise<string | undefined> {
  const file = environment.AWS_CONFIG_FILE || join(homedir(), '.aws', 'config');
  const name = profile ?? (environment.AWS_PROFILE || 'default');
  // No file, no region: the question is asked.
  const text = await readFile(file, 'utf8').catch(() => '');
  return regionIn(text, name);
}

export function regionIn(text: string, profile: string): string | undefined {
  let inside = false;
  for (const line of text.split(/\r?\n/)) {
    const section = /^\s*\[\s*(?:profile\s+)?"?([^\]"]+?)"?\s*\]/.exec(line)?.[1];
    if (section !== undefined) inside = section === profile;
    const region = inside ? /^region\s*=\s*(\S+)/.exec(line)?.[1] : undefined;
    if (region !== undefined) return region;
  }
  return undefined;
}

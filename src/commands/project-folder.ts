/** Where a project lives: the folder of its rsds.yaml. Found by looking alone; nothing is read or parsed. */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

export const configFileName = 'rsds.yaml';

/** The folder of `--config`, else of the nearest rsds.yaml from `cwd` upwards, else `cwd`. */
export function projectFolder(cwd: string, configFile: string | undefined): string {
  if (configFile !== undefined) return dirname(resolve(cwd, configFile));
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    if (existsSync(join(folder, configFileName))) return folder;
    if (folder === dirname(folder)) return resolve(cwd);
  }
}

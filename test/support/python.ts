/** The Python that runs on instances. */
import { spawnSync } from 'node:child_process';

/** Whether `python3` can be run here. Missing, it is said once; with RSDS_REQUIRE_TOOLS=1 it is an error. */
export function pythonIsThere(): boolean {
  if (spawnSync('python3', ['--version']).status === 0) return true;
  if (process.env.RSDS_REQUIRE_TOOLS === '1') throw new Error('RSDS_REQUIRE_TOOLS=1, and there is no python3 on PATH');
  console.log('skipped: there is no python3 on PATH');
  return false;
}

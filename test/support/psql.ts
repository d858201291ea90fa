/** Debian's psql, which we did not write. */
import { execFile, spawnSync } from 'node:child_process';

/** Whether `psql` can be run here. Missing, it is said once; with RSDS_REQUIRE_TOOLS=1 it is an error. */
export function psqlIsThere(): boolean {
  if (spawnSync('psql', ['--version']).status === 0) return true;
  if (process.env.RSDS_REQUIRE_TOOLS === '1') throw new Error('RSDS_REQUIRE_TOOLS=1, and there is no psql on PATH');
  console.log('skipped: there is no psql on PATH');
  return false;
}

export interface PsqlResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs statements, each an argument of its own, and answers what psql printed: rows without decoration. */
export function psql(conninfo: string, password: string, ...statements: readonly string[]): Promise<PsqlResult> {
  const args = ['-X', '-A', '-t', '-v', 'ON_ERROR_STOP=1', conninfo, ...statements.flatMap((sql) => ['-c', sql])];
  const env = { ...process.env, PGPASSWORD: password, PGCONNECT_TIMEOUT: '5', PGCLIENTENCODING: 'UTF8' };
  return new Promise((resolve) =>
    execFile('psql', args, { env, timeout: 20_000 }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code ?? 1) : 0, stdout: stdout.trim(), stderr: stderr.trim() }),
    ),
  );
}

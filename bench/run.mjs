/**
 * `npm run bench [-- startup plan makespan virtual memory]`: bundles the benchmarks, which are TypeScript, and runs
 * them in a process of their own, without a test runner around them.
 */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const run = (stdout, ...words) => {
  const { status, error } = spawnSync(process.execPath, words, { cwd: root, stdio: ['inherit', stdout, 'inherit'] });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
};

run('ignore', 'node_modules/rolldown/bin/cli.mjs', '-c', 'bench/rolldown.config.ts');
run('inherit', 'node_modules/.cache/bench/main.js', ...process.argv.slice(2));

/**
 * Sets up what is missing in a checkout, and nothing else: dependencies when there are none or older ones, the bundle
 * when it is older than what it is made of. Needs nothing but Node; prints to stderr, so that stdout stays the
 * command's that comes after it.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const at = (...parts) => join(root, ...parts);

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  fail(`Node.js ${process.versions.node} is too old: rsds needs 20.19 or newer`);
}
const lock = join(tmpdir(), `rsds-setup-${createHash('sha256').update(root).digest('hex').slice(0, 12)}`);
takeLock();
try {
  setUp();
} finally {
  rmSync(lock, { recursive: true, force: true });
}

function setUp() {
  if (isOlder(at('node_modules', '.package-lock.json'), [at('package-lock.json')])) {
    // --include=dev: with NODE_ENV=production npm would install nothing and say nothing.
    step('npm ci --include=dev --no-audit --no-fund', 'dependencies could not be installed (is the network there?)');
  }
  const parts = [at('package.json'), at('package-lock.json'), at('rolldown.config.ts'), at('scripts', 'licences.ts')];
  // The last thing that a build writes: a build that failed half-way is made again.
  if (isOlder(at('dist', 'simulator', 'simulator.js'), [...filesIn(at('src')), ...parts])) {
    step(`"${process.execPath}" node_modules/rolldown/bin/cli.mjs -c`, 'the build failed');
  }
}

// Two set-ups of one checkout at the same time would tread on each other's files.
function takeLock() {
  for (;;) {
    try {
      mkdirSync(lock);
      writeFileSync(join(lock, 'pid'), String(process.pid));
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      if (!holderLives()) rmSync(lock, { recursive: true, force: true });
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
    }
  }
}

function holderLives() {
  try {
    const pid = Number(readFileSync(join(lock, 'pid'), 'utf8'));
    if (pid > 0) process.kill(pid, 0);
    return true;
  } catch (error) {
    // Made a moment ago, its number not yet written: give it a second.
    if (error.code === 'ENOENT') return existsSync(lock) && Date.now() - statSync(lock).mtimeMs < 1000;
    return error.code === 'EPERM';
  }
}

function step(command, failure) {
  process.stderr.write(`$ ${command}\n`);
  const { status, error, stdout, stderr } = spawnSync(command, { cwd: root, shell: true, encoding: 'utf8' });
  if (!error && status === 0) return;
  process.stderr.write(`${stdout ?? ''}${stderr ?? ''}`);
  rmSync(lock, { recursive: true, force: true });
  fail(`${failure}: ${error ? error.message : `exit ${status}`}`);
}

/** Whether `target` is missing or older than any of the files. */
function isOlder(target, files) {
  if (!existsSync(target)) return true;
  const made = statSync(target).mtimeMs;
  return files.some((file) => existsSync(file) && statSync(file).mtimeMs > made);
}

function filesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

function fail(why) {
  process.stderr.write(`✖ set-up: ${why}\n`);
  process.exit(1);
}

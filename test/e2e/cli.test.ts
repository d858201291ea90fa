import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { CreateVpcCommand, DescribeVpcsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createSandbox, ensureBuilt, type Sandbox } from '../support/program.ts';
import { keys, openTerminal } from '../support/terminal.ts';

let sandbox: Sandbox;
beforeAll(() => {
  ensureBuilt();
  sandbox = createSandbox();
});
afterAll(() => sandbox.remove());

const packageVersion = (JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }).version;

describe('start-up', () => {
  it('--version prints the version of the package', async () => {
    expect(await sandbox.run('--version')).toEqual({ exit: 0, stdout: `${packageVersion}\n`, stderr: '' });
  });

  it('help needs no module of AWS, zod, listr2, inquirer, yaml or the simulator', () => {
    const loaded = staticallyLoaded(resolve('dist/main.js')).flatMap(sourcesOf);
    expect(loaded.some((source) => source.endsWith('src/commands/list.ts'))).toBe(true);
    const heavy =
      /node_modules\/(@aws-sdk|@smithy|@inquirer|zod|listr2|ora|chalk|yaml)\/|src\/(simulator|aws|steps|engine)\//;
    expect(loaded.filter((source) => heavy.test(source))).toEqual([]);
  });

  it('a mistyped command exits 2 with a suggestion', async () => {
    const { exit, stdout, stderr } = await sandbox.run('sim', 'statu');
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' });
    expect(stderr).toContain('did you mean status?');
  });

  it('a wrong value exits 2 and names the help of the command that was typed', async () => {
    const { exit, stderr } = await sandbox.run('scale', '--consumers', 'abc');
    expect(exit).toBe(2);
    expect(stderr).toContain('rsds scale --help');
  });

  it('what is missing is told before anything is begun, the simulator included', async () => {
    for (const words of [['scale'], ['lock', 'release'], ['backend', 'move', '--to', 'nowhere']]) {
      const { exit, stderr } = await sandbox.run(...words, '--sim');
      expect([exit, stderr]).toEqual([2, expect.stringContaining('usage/invalid')]);
    }
    expect(existsSync(join(sandbox.folder, '.rsds'))).toBe(false);
  });

  it('a reader that goes away early is no error', async () => {
    const child = sandbox.start('--help');
    child.stdout?.destroy();
    const exit = await new Promise((done) => child.once('close', done));
    expect(exit).toBe(0);
  });
});

/** The chunk and everything that it imports statically, by file. */
function staticallyLoaded(file: string, seen = new Set<string>()): string[] {
  if (seen.has(file)) return [];
  seen.add(file);
  const code = readFileSync(file, 'utf8');
  const imports = [...code.matchAll(/(?:^|;)\s*import\s*(?:[^'"`;()]*?from\s*)?["'`](\.[^"'`]+)["'`]/g)];
  return [file, ...imports.flatMap(([, path]) => staticallyLoaded(join(dirname(file), path!), seen))];
}

// The bundler's own few lines of run time have no map.
const sourcesOf = (chunk: string): string[] =>
  existsSync(`${chunk}.map`) ? (JSON.parse(readFileSync(`${chunk}.map`, 'utf8')) as { sources: string[] }).sources : [];

describe('in a terminal', () => {
  it('the wizard asks and writes the file', async () => {
    const box = createSandbox();
    const terminal = openTerminal(box, ['init', '--region', 'eu-west-1', '--schemas', 'sales']);
    await terminal.shows('Project');
    terminal.type(`9airline${keys.enter}`);
    await terminal.shows('must be lower-case letters');
    terminal.type(`${'\u007f'.repeat(30)}airline${keys.enter}`);
    await terminal.shows('a new VPC');
    terminal.type(keys.enter);
    for (const question of ['address block', 'How many consumers', 'each consumer', 'Base capacity of the producer']) {
      await terminal.shows(question);
      terminal.type(keys.enter);
    }
    for (const question of ["producer's database", 'Name of the datashare', 'Database under which', 'Environments']) {
      await terminal.shows(question);
      terminal.type(keys.enter);
    }
    expect(await terminal.ended).toBe(0);
    const written = readFileSync(join(box.folder, 'rsds.yaml'), 'utf8');
    expect(written).toMatch(/^project: airline$/m);
    expect(written).toMatch(/^ {2}count: 3$/m);
    expect(written).toMatch(/^ {2}prod: \{\}$/m);
    await box.remove();
  });

  it('Ctrl-C at a prompt changes nothing and exits 130', async () => {
    const terminal = openTerminal(sandbox, ['init', '--region', 'eu-west-1']);
    await terminal.shows('Project');
    terminal.type(keys.ctrlC);
    expect(await terminal.ended).toBe(130);
    await terminal.shows('cancelled: nothing was changed');
    expect(terminal.raw().lastIndexOf('\u001b[?25h')).toBeGreaterThan(terminal.raw().lastIndexOf('\u001b[?25l'));
    expect(existsSync(join(sandbox.folder, 'rsds.yaml'))).toBe(false);
  });

  it('a declined confirmation exits 1', async () => {
    const terminal = openTerminal(sandbox, ['sim', 'reset']);
    await terminal.shows('forget the simulated world');
    terminal.type(`n${keys.enter}`);
    expect(await terminal.ended).toBe(1);
    await terminal.shows('usage/declined');
  });

  it('Ctrl-C once lets a run finish what it is at', async () => {
    const box = createSandbox();
    const terminal = openTerminal(box, ['sim', 'serve', '--directory', '.']);
    await terminal.shows('serving http://127.0.0.1');
    terminal.type(keys.ctrlC);
    await terminal.shows('stopping after the call that is under way');
    await terminal.ended;
    expect(existsSync(join(box.folder, 'world.bin'))).toBe(true);
    expect(existsSync(join(box.folder, 'simulator.json'))).toBe(false);
    await box.remove();
  });
});

describe('a run in a terminal', () => {
  async function running() {
    const box = createSandbox();
    const terminal = openTerminal(box, ['up', '--sim', '--yes'], { cols: 100, rows: 30 });
    await terminal.shows(/producer\/workgroup +CREATING/);
    return { box, terminal };
  }

  it('Ctrl-C once: says so at once, stops, exits 130, and the same command goes on', async () => {
    const { box, terminal } = await running();
    terminal.type(keys.ctrlC);
    await terminal.shows('stopping after the call that is under way');
    expect(await terminal.ended).toBe(130);
    await terminal.shows('run/interrupted');
    expect(terminal.raw().lastIndexOf('\u001b[?25h')).toBeGreaterThan(terminal.raw().lastIndexOf('\u001b[?25l'));
    const { stdout } = await box.run('lock', 'show', '--sim', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ environment: { held: false } });
    await box.remove();
  });

  it('Ctrl-C twice: leaves at once with 130, the cursor restored', async () => {
    const { box, terminal } = await running();
    terminal.type(keys.ctrlC + keys.ctrlC);
    expect(await terminal.ended).toBe(130);
    expect(terminal.raw().lastIndexOf('\u001b[?25h')).toBeGreaterThan(terminal.raw().lastIndexOf('\u001b[?25l'));
    await box.remove();
  });
});

describe('the simulator in the background', () => {
  let box: Sandbox;
  beforeAll(() => {
    box = createSandbox({ AWS_PROFILE: 'nobody', AWS_ENDPOINT_URL: 'http://127.0.0.1:9' });
  });
  afterAll(() => box.remove());

  const status = async () => JSON.parse((await box.run('sim', 'status', '--json')).stdout) as Record<string, unknown>;
  const ec2 = (endpoint: string) =>
    new EC2Client({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'any', secretAccessKey: 'any' } });
  const simFolder = () => join(box.folder, '.rsds', 'sim');

  it('is not there before anybody starts it', async () => {
    expect(await status()).toMatchObject({ version: 1, running: false });
    expect(existsSync(join(box.folder, '.rsds'))).toBe(false);
  });

  it('commands that start at once share one', async () => {
    const outcomes = await Promise.all([1, 2, 3].map(() => box.run('sim', 'start', '--json', '--speed', '600')));
    const told = outcomes.map(({ stdout }) => JSON.parse(stdout) as { pid: number; started: boolean; speed: number });
    expect(new Set(told.map(({ pid }) => pid)).size).toBe(1);
    expect(told.filter(({ started }) => started)).toHaveLength(1);
    expect(await status()).toMatchObject({ running: true, pid: told[0]?.pid, speed: 600 });
  });

  it('its port file can be read by its owner only, and nothing of the start is left', () => {
    expect(statSync(join(simFolder(), 'simulator.json')).mode & 0o777).toBe(0o600);
    expect(readdirSync(simFolder()).sort()).toEqual(['simulator.json', 'simulator.log']);
  });

  it('--sim finds it, and says once what of the environment it ignores', async () => {
    const { exit, stdout, stderr } = await box.run('lock', 'show', '--sim', '--json');
    expect(exit, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ version: 1, environment: null });
    expect(stderr.split('AWS_ENDPOINT_URL, AWS_PROFILE are ignored')).toHaveLength(2);
  });

  it('remembers the requests', async () => {
    const { stdout } = await box.run('sim', 'log', '--service', 'sts', '--json');
    const { requests } = JSON.parse(stdout) as { requests: { operation: string; mutating: boolean }[] };
    expect(requests).toEqual([
      expect.objectContaining({ service: 'sts', operation: 'GetCallerIdentity', mutating: false }),
    ]);
    expect((await box.run('sim', 'log', '--mutating')).stdout).toBe('0 requests\n');
  });

  it('fails on demand, and no longer when that is taken back', async () => {
    const set = await box.run('sim', 'fault', 'add', 'denied', '--service', 'sts');
    expect(set.stdout).toBe('set 1 denied, sts; rsds sim fault clear 1 takes it away\n');
    const denied = await box.run('lock', 'show', '--sim');
    expect([denied.exit, denied.stderr]).toEqual([1, expect.stringContaining('aws/denied')]);
    expect((await box.run('sim', 'fault', 'list')).stdout).toBe('1 denied, sts: struck 1 of 1 request\n');
    expect((await box.run('sim', 'fault', 'clear', '2')).exit).toBe(2);
    expect((await box.run('sim', 'fault', 'clear')).stdout).toBe('1 fault taken away\n');
    expect((await box.run('lock', 'show', '--sim')).exit).toBe(0);
    expect((await box.run('sim', 'fault', 'list')).stdout).toBe('no faults are set\n');
  });

  it('refuses another speed while it runs', async () => {
    const { exit, stderr } = await box.run('sim', 'start', '--speed', '10');
    expect(exit).toBe(1);
    expect(stderr).toContain('speed 600');
  });

  it('a killed one is passed over, and its world is there again', async () => {
    const { pid, url } = (await status()) as { pid: number; url: string };
    const vpc = await ec2(url).send(new CreateVpcCommand({ CidrBlock: '10.9.0.0/16' }));
    await vi.waitFor(() => expect(existsSync(join(simFolder(), 'world.bin'))).toBe(true), { timeout: 5_000 });
    process.kill(pid, 'SIGKILL');
    const started = JSON.parse((await box.run('sim', 'start', '--json')).stdout) as { pid: number; url: string };
    expect(started).toMatchObject({ started: true });
    expect(started.pid).not.toBe(pid);
    const { Vpcs } = await ec2(started.url).send(new DescribeVpcsCommand({ VpcIds: [vpc.Vpc?.VpcId ?? ''] }));
    expect(Vpcs).toHaveLength(1);
  });

  it('its time stands still while it is down', async () => {
    const before = (await status()) as { now: number };
    await box.run('sim', 'stop');
    expect(await status()).toMatchObject({ running: false });
    await box.run('sim', 'start', '--speed', '1');
    const after = (await status()) as { now: number };
    // At 60 times real time, the seconds in which it was down would be minutes.
    expect(after.now - before.now).toBeGreaterThanOrEqual(0);
    expect(after.now - before.now).toBeLessThan(60 * 30_000);
  });

  it('reset leaves nothing behind', async () => {
    expect((await box.run('sim', 'reset', '--yes')).exit).toBe(0);
    expect(existsSync(simFolder())).toBe(false);
    expect(await status()).toMatchObject({ running: false });
  });
});

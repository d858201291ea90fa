/**
 * No secret in anything that the program writes: run with everything it can tell, on an account whose secrets are known
 * here, with failures that echo what was sent; then every byte is searched for the real values.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RealClock } from '../../src/shared/clock.ts';
import { type InterceptedCall, type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { createSandbox, ensureBuilt, type Finished, type Sandbox } from '../support/program.ts';
import { plainYaml, schemaSql } from '../support/standing.ts';

const credentials = {
  AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  AWS_SESSION_TOKEN: 'FwoGZXIvYXdzEXAMPLEsessiontokenEXAMPLE==',
};

let simulator: Simulator;
let box: Sandbox;
/** What each command said, and what was in the files when it had ended. */
const ran: {
  words: string;
  outcome: Finished;
  files: readonly { path: string; text: string }[];
}[] = [];
/** The passwords that a command was asked to show. */
const shown: (readonly string[])[] = [];
/** Everything that ever was a secret in the account, with what it is. */
const secrets = new Map<string, string>([
  [credentials.AWS_SECRET_ACCESS_KEY, 'the secret access key'],
  [credentials.AWS_SESSION_TOKEN, 'the session token'],
]);

beforeAll(async () => {
  ensureBuilt();
  simulator = await startSimulator({ clock: new RealClock(600) });
  box = createSandbox({ RSDS_CLOCK_SPEED: '600', AWS_ENDPOINT_URL: simulator.url, ...credentials });
  writeFileSync(join(box.folder, 'rsds.yaml'), plainYaml(1));
  writeFileSync(join(box.folder, 'schema.sql'), schemaSql);
  await runAll();
}, 180_000);
afterAll(async () => {
  await box.remove();
  await simulator.close();
});

async function runAll(): Promise<void> {
  for (const told of [[], ['--json']]) {
    await failing((call) => call.operation === 'CreateSecret' || writesPassword(call), 'up', '--yes', ...told);
    await failing(writesPassword, 'up', '--yes', ...told);
    await run('up', '--yes', ...told);
    for (const verb of [['plan'], ['plan', '--sql'], ['status'], ['diagnose'], ['lock', 'show'], ['connect']])
      await run(...verb, ...told);
    await run('connect', '--consumer', 'producer', ...told);
    await showing('connect', '--show-password', ...told);
    await showing('connect', '--show-password', '--consumer', 'producer', '--for', 'dbt', ...told);
    await failing(({ operation }) => operation === 'GetSecretValue', 'connect', '--show-password', ...told);
    await run('scale', '--consumers', '2', '--yes', ...told);
    await failing(({ operation }) => operation === 'DeleteSecret', 'down', '--yes', '--no-final-snapshot', ...told);
    await failing(() => true, 'plan', ...told);
    await run('down', '--yes', '--no-final-snapshot', ...told);
  }
}

/** What one asked for is taken out of stdout, and must be there to be taken; the rest is searched like everything else. */
async function showing(...words: readonly string[]): Promise<void> {
  await run(...words);
  const last = ran.pop()!;
  const asked = passwordsOf(simulator).filter(([password]) => last.outcome.stdout.includes(password));
  shown.push(asked.map(([, what]) => what.replace(/-admin-.*/, '-admin')));
  const stdout = asked.reduce((text, [password]) => text.replace(password, ''), last.outcome.stdout);
  ran.push({ ...last, outcome: { ...last.outcome, stdout } });
}

async function run(...words: readonly string[]): Promise<void> {
  const outcome = await box.run(...words, '--verbose', '--debug');
  const files = filesIn(box.folder).filter(({ path, folder }) => !folder && path.includes('.rsds'));
  const read = files.map(({ path }) => ({ path, text: readFileSync(path, 'utf8') }));
  ran.push({ words: words.join(' '), outcome, files: read });
  for (const [secret, what] of secretsOf(simulator)) secrets.set(secret, what);
}

/** AWS refuses the calls, and says back all that it was given. */
async function failing(which: (call: InterceptedCall) => boolean, ...words: readonly string[]): Promise<void> {
  simulator.intercept((call) => {
    if (!which(call)) return undefined;
    for (const [secret, what] of secretsSent(call)) secrets.set(secret, what);
    const message = `1 validation error detected: Value '${JSON.stringify(call.input)}' is not valid`;
    return { error: { code: 'ValidationException', message, status: 400 } };
  });
  await run(...words);
  simulator.intercept(undefined);
}

const sqlOf = ({ input }: InterceptedCall) => String((input as { Sql?: string }).Sql ?? '');
const writesPassword = (call: InterceptedCall) =>
  call.operation === 'ExecuteStatement' && sqlOf(call).includes(' PASSWORD ');

function secretsSent(call: InterceptedCall): [string, string][] {
  const { SecretString } = call.input as { SecretString?: string };
  const hash = /PASSWORD '([^']+)'/.exec(sqlOf(call))?.[1];
  return [
    ...(SecretString === undefined ? [] : valuesOf('a secret that was refused', SecretString)),
    ...(hash === undefined ? [] : [[hash, 'a hash that was refused'] as [string, string]]),
  ];
}

const passwordsOf = (account: Simulator) => secretsOf(account).filter(([, what]) => !what.includes('hash'));

/** The passwords in Secrets Manager: those that AWS manages for the namespaces' admins, and the reader's, with its hash. */
function secretsOf({ world }: Simulator): [string, string][] {
  const state = world.snapshot().states['secretsmanager@us-east-1'] as
    | { secrets: Record<string, { name: string; versions: Record<string, { secretString?: string }> }> }
    | undefined;
  return Object.values(state?.secrets ?? {}).flatMap(({ name, versions }) =>
    Object.values(versions).flatMap(({ secretString = '' }) => valuesOf(name, secretString)),
  );
}

function valuesOf(what: string, text: string): [string, string][] {
  const { username, password } = JSON.parse(text) as { username: string; password: string };
  const md5 = createHash('md5').update(`${password}${username}`).digest('hex');
  return [
    [password, what],
    [md5, `the hash of ${what}`],
  ];
}

/** All files below a folder, with their modes. */
function filesIn(folder: string): { path: string; mode: number; folder: boolean }[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true }).map((entry) => {
    const path = join(entry.parentPath, entry.name);
    return { path, mode: statSync(path).mode & 0o777, folder: entry.isDirectory() };
  });
}

/** `what` for each secret that occurs in `text`. */
const found = (text: string) => [...secrets].filter(([secret]) => text.includes(secret)).map(([, what]) => what);

describe('no secret is written', () => {
  test('secrets were in play: admins, readers, hashes, those refused, and the keys', () => {
    const whats = [...secrets.values()];
    expect(whats.filter((what) => what.startsWith('redshift!airline-dev')).length).toBeGreaterThanOrEqual(3);
    expect(whats).toEqual(expect.arrayContaining(['airline-dev/reader', 'the hash of airline-dev/reader']));
    expect(whats).toEqual(expect.arrayContaining(['a secret that was refused', 'a hash that was refused']));
    const exits = ran.map(({ words, outcome }) => `${outcome.exit} ${words}`);
    expect(exits.filter((exit) => exit.startsWith('0 up'))).toHaveLength(2);
    expect(exits.filter((exit) => exit.startsWith('1 '))).toHaveLength(10);
  });

  test('but the one that was asked for, to stdout, once', () => {
    expect(shown).toEqual([
      ['airline-dev/reader'],
      ['redshift!airline-dev-producer-admin'],
      ['airline-dev/reader'],
      ['redshift!airline-dev-producer-admin'],
    ]);
  });

  test.each(['stdout', 'stderr'] as const)('to %s, with --verbose and --debug, as text and as JSON', (stream) => {
    const all = ran.map(({ words, outcome }) => ({ words, found: found(outcome[stream]) }));
    expect(all.filter((one) => one.found.length > 0)).toEqual([]);
    expect(ran.map(({ outcome }) => outcome[stream]).join('').length).toBeGreaterThan(1_000);
  });

  test('to the ledger, or anywhere else below .rsds, at any time', () => {
    const files = ran.flatMap(({ words, files }) => files.map((file) => ({ words, ...file })));
    expect(files.map(({ path }) => path.slice(box.folder.length))).toContain('/.rsds/airline-dev.json');
    const ledgers = files.map(({ text }) => text).join('');
    expect(ledgers).toContain('[redacted]');
    const leaks = files.map(({ words, path, text }) => ({ words, path, found: found(text) }));
    expect(leaks.filter((one) => one.found.length > 0)).toEqual([]);
  });

  test('the ledger is for its owner only', () => {
    const modes = filesIn(box.folder).filter(({ path }) => path.includes('.rsds'));
    expect(modes.map(({ mode, folder }) => [folder, mode.toString(8)])).toEqual(
      modes.map(({ folder }) => [folder, folder ? '700' : '600']),
    );
  });

  test('to the request log of the simulator', () => {
    const { AWS_SECRET_ACCESS_KEY: key, AWS_SESSION_TOKEN: token } = credentials;
    const text = JSON.stringify(simulator.requests.all());
    const passwords = [...secrets].filter(
      ([secret, what]) => !what.includes('hash') && secret !== key && secret !== token,
    );
    expect(passwords.filter(([secret]) => text.includes(secret))).toEqual([]);
  });
});

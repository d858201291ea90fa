import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { CommandContext } from '../../src/commands/context.ts';
import { command, type ParsedInput } from '../../src/commands/definition.ts';
import { run } from '../../src/main.ts';
import { ConfigError, RsdsError } from '../../src/shared/errors.ts';
import { testHost } from '../support/host.ts';

interface Ran {
  readonly input: ParsedInput;
  readonly context: CommandContext;
}

function harness(body: (context: CommandContext) => Promise<number | undefined> = () => Promise.resolve(undefined)) {
  const ran: Ran[] = [];
  const shared = { offline: true, run: record };
  async function record(input: object, context: CommandContext) {
    ran.push({ input: input as ParsedInput, context });
    return body(context);
  }
  const up = command({
    ...shared,
    name: 'up',
    summary: 'build it',
    answers: 'events',
    options: {
      dryRun: { type: 'flag', summary: 'only look' },
      finalSnapshot: { type: 'flag', unless: true, summary: 'keep no snapshot' },
      consumers: { type: 'integer', value: 'count', min: 1, max: 64, summary: 'how many' },
      lockWait: { type: 'duration', value: 'duration', summary: 'how long' },
      format: { type: 'text', value: 'name', choices: ['psql', 'jdbc'], summary: 'which' },
      remove: { type: 'list', value: 'name', summary: 'which ones' },
    },
    arguments: { warehouse: { summary: 'which one' } },
    examples: ['rsds up --consumers 5'],
  });
  const status = command({ ...shared, name: 'status', summary: 'look' });
  const show = command({ ...shared, name: 'lock show', summary: 'show the lock' });
  const list = [up, status, show];
  return { ran, list };
}

async function type(
  line: string,
  given: { body?: Parameters<typeof harness>[0]; environment?: Record<string, string> } = {},
) {
  const { ran, list } = harness(given.body);
  const test = testHost(given.environment ? { environment: given.environment } : {});
  const exit = await run(line.split(' ').filter(Boolean), test.host, list);
  return { exit, ran: ran[0], stdout: test.stdout(), stderr: test.stderr() };
}

describe('help and version', () => {
  it('rsds alone prints the help on stdout and exits 0', async () => {
    const { exit, stdout, stderr } = await type('');
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    expect(stdout).toContain('up ');
    expect(stdout).toContain('--sim');
  });

  it.each(['help up', 'up --help', 'up -h'])('`rsds %s` shows options, global options and examples', async (line) => {
    const { exit, stdout } = await type(line);
    expect(exit).toBe(0);
    expect(stdout).toContain('--no-final-snapshot');
    expect(stdout).toContain('--profile <name>');
    expect(stdout).toContain('rsds up --consumers 5');
  });

  it.each(['--version', '-V'])('%s prints the version', async (line) => {
    expect(await type(line)).toMatchObject({ exit: 0, stdout: '1.2.3\n' });
  });

  it('a group alone shows its commands', async () => {
    const { exit, stdout } = await type('lock');
    expect(exit).toBe(0);
    expect(stdout).toContain('show the lock');
  });
});

describe('wrong usage exits 2', () => {
  it.each([
    ['upp', "unknown command 'upp'", 'did you mean up?'],
    ['lock shoe', "unknown command 'shoe'", 'did you mean show?'],
    ['help nope', "unknown command 'nope'", 'rsds --help'],
    ['up --consumer 3', "unknown option '--consumer'", 'did you mean --consumers?'],
    ['up --consumers', 'argument missing', '--help'],
    ['up --consumers three', 'It must be a whole number from 1 to 64', '--help'],
    ['up --consumers 65', 'It must be a whole number from 1 to 64', '--help'],
    ['up --lock-wait 30', 'It must be a duration such as 90s, 30m or 1h30m, or 0', '--help'],
    ['up --lock-wait soon', 'It must be a duration', '--help'],
    ['up --lock-wait -5m', 'It must be a duration', '--help'],
    ['up --lock-wait 5m2h', 'It must be a duration', '--help'],
    ['up --lock-wait', 'argument missing', '--help'],
    ['up --format odbc', 'psql, jdbc', '--help'],
    ['status one two', 'too many arguments', '--help'],
  ])('rsds %s', async (line, message, hint) => {
    const { exit, ran, stdout, stderr } = await type(line);
    expect({ exit, ran, stdout }).toEqual({ exit: 2, ran: undefined, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).toContain(hint);
    expect(stderr).toContain('usage/invalid');
  });

  it('an RSDS_CLOCK_SPEED that is no number', async () => {
    const { exit, stderr } = await type('status', { environment: { RSDS_CLOCK_SPEED: 'fast' } });
    expect(exit).toBe(2);
    expect(stderr).toContain("RSDS_CLOCK_SPEED is 'fast'");
  });
});

describe('options', () => {
  it.each([
    '--json --env prod up --consumers 5',
    'up --consumers 5 --json --env prod',
    'up --json --consumers=5 --env=prod',
  ])('global ones may stand before and after the command: %s', async (line) => {
    const { ran } = await type(line);
    expect(ran?.context.flags).toMatchObject({ json: true, env: 'prod', sim: false });
    expect(ran?.input.options).toMatchObject({ consumers: 5 });
  });

  it('what is not given has its empty value', async () => {
    const { ran } = await type('up');
    expect(ran?.input).toEqual({
      options: {
        dryRun: false,
        finalSnapshot: true,
        consumers: undefined,
        lockWait: undefined,
        format: undefined,
        remove: [],
      },
      arguments: { warehouse: undefined },
    });
  });

  it('flags, choices, lists and arguments arrive typed', async () => {
    const { ran } = await type('up consumer-2 --dry-run --no-final-snapshot --format jdbc --remove a,b --remove c');
    expect(ran?.input).toEqual({
      options: {
        dryRun: true,
        finalSnapshot: false,
        consumers: undefined,
        lockWait: undefined,
        format: 'jdbc',
        remove: ['a', 'b', 'c'],
      },
      arguments: { warehouse: 'consumer-2' },
    });
  });

  it.each([
    ['0', 0],
    ['0s', 0],
    ['90s', 90_000],
    ['30m', 1_800_000],
    ['1h30m', 5_400_000],
    ['2h', 7_200_000],
  ])('a duration arrives in milliseconds: %s', async (text, lockWait) => {
    expect((await type(`up --lock-wait ${text}`)).ran?.input.options).toMatchObject({ lockWait });
  });

  it('RSDS_ENV names the environment unless --env does', async () => {
    const environment = { RSDS_ENV: 'stage' };
    expect((await type('up', { environment })).ran?.context.flags.env).toBe('stage');
    expect((await type('up --env prod', { environment })).ran?.context.flags.env).toBe('prod');
  });

  it('RSDS_CLOCK_SPEED makes the clock run faster', async () => {
    const { ran } = await type('up', { environment: { RSDS_CLOCK_SPEED: '60' } });
    expect(ran?.context.clock.speed).toBe(60);
  });
});

describe('results and failures', () => {
  it('the exit code is the one that the command answers', async () => {
    expect((await type('up', { body: () => Promise.resolve(3) })).exit).toBe(3);
    expect((await type('up')).exit).toBe(0);
  });

  it('text goes out without --json, the document with it', async () => {
    const body = async ({ out }: CommandContext) => {
      out.text('for people');
      out.document({ state: 'ready' });
      return undefined;
    };
    expect((await type('status', { body })).stdout).toBe('for people\n');
    expect(JSON.parse((await type('status --json', { body })).stdout)).toEqual({ version: 1, state: 'ready' });
  });

  const held = () => Promise.reject(new RsdsError('lock/held', 'ana holds the lock', { hint: 'rsds lock show' }));

  it('an error is shown with message, next step and code, and gives the exit code', async () => {
    const { exit, stdout, stderr } = await type('up', { body: held });
    expect({ exit, stdout }).toEqual({ exit: 4, stdout: '' });
    expect(stderr).toBe('✖ ana holds the lock\n  Next  rsds lock show\n  Code  lock/held\n');
  });

  it('with --json it is a document on stdout', async () => {
    const { exit, stdout, stderr } = await type('status --json', { body: held });
    expect({ exit, stderr }).toEqual({ exit: 4, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ version: 1, error: { code: 'lock/held', hint: 'rsds lock show' } });
  });

  it('a command that streams ends with a result line', async () => {
    const { stdout } = await type('up --json', { body: held });
    expect(stdout.trim().split('\n')).toHaveLength(1);
    expect(JSON.parse(stdout)).toMatchObject({
      version: 1,
      event: 'result',
      outcome: 'failed',
      error: { exitCode: 4 },
    });
  });

  it('all faults of a configuration are listed with their places', async () => {
    const fault = { code: 'config/cidr', message: 'overlaps 10.0.0.0/23', line: 7, column: 3 } as const;
    const other = { code: 'config/missing', message: 'region is missing', path: 'region', hint: 'add region' } as const;
    const body = () => Promise.reject(new ConfigError([fault, other], 'rsds.yaml'));
    const { exit, stderr } = await type('up', { body });
    expect(exit).toBe(2);
    expect(stderr).toContain('rsds.yaml:7:3  overlaps 10.0.0.0/23');
    expect(stderr).toContain('region is missing');
    expect(stderr).toContain('Next add region');
  });

  it('anything unexpected is a bug: exit 70, its stack only with --debug', async () => {
    const body = () => Promise.reject(new TypeError('x is undefined'));
    const quietly = await type('up', { body });
    expect(quietly.exit).toBe(70);
    expect(quietly.stderr).toContain('unexpected TypeError: x is undefined');
    expect(quietly.stderr).toContain('please report it');
    expect(quietly.stderr).not.toContain('frame.test.ts');
    expect((await type('up --debug', { body })).stderr).toContain('frame.test.ts');
  });

  it('what the operating system refuses is no bug: exit 1', async () => {
    const body = async () => {
      readFileSync('/nowhere/at/all');
      return undefined;
    };
    const { exit, stderr } = await type('up', { body });
    expect(exit).toBe(1);
    expect(stderr).toContain('/nowhere/at/all');
    expect(stderr).toContain('system/failed');
  });

  it('secrets of the environment never reach an error', async () => {
    const environment = { AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG', AWS_SESSION_TOKEN: 'FwoGZXIvYXdzEBYaD' };
    const body = () => Promise.reject(new Error('signed with wJalrXUtnFEMI/K7MDENG and FwoGZXIvYXdzEBYaD'));
    const { stderr } = await type('up --debug', { body, environment });
    expect(stderr).toContain('signed with [redacted] and [redacted]');
    expect(stderr).not.toMatch(/wJalrXUtnFEMI|FwoGZXIvYXdzEBYaD/);
  });
});

describe('signals', () => {
  async function interrupted(signal: 'SIGINT' | 'SIGTERM') {
    const test = testHost();
    const { list } = harness((context) => {
      test.signals.emit(signal);
      return Promise.reject(context.signal.reason);
    });
    return {
      exit: await run(['up'], test.host, list),
      stderr: test.stderr(),
      left: test.signals.listenerCount(signal),
    };
  }

  it('Ctrl-C asks the run to stop and exits 130', async () => {
    const { exit, stderr, left } = await interrupted('SIGINT');
    // Who listens goes on to: another signal must not cut off what is said in the end.
    expect(exit).toBe(130);
    expect(left).toBeGreaterThan(0);
    expect(stderr).toContain('stopping after the call that is under way');
    expect(stderr).toContain('run/interrupted');
  });

  it('SIGTERM asks the run to stop and exits 143', async () => {
    expect((await interrupted('SIGTERM')).exit).toBe(143);
  });
});

describe('prompts', () => {
  it('without a terminal the flag that answers is named, exit 2', async () => {
    const body = async ({ prompter }: CommandContext) => {
      await prompter.confirm('build it?');
      return undefined;
    };
    const { exit, stderr } = await type('up', { body });
    expect(exit).toBe(2);
    expect(stderr).toContain('build it?');
    expect(stderr).toContain('pass --yes');
    expect((await type('up --yes', { body })).exit).toBe(0);
  });
});

import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type Output, reportOf } from '../../../src/probe/instances/reading.ts';
import { commandsFor } from '../../../src/probe/instances/script.ts';
import type { RsdsError } from '../../../src/shared/errors.ts';

const output = (more: Partial<Output>): Output => ({
  ...{ instanceId: 'i-1', status: 'Success', exitCode: 0, stdout: '', stderr: '' },
  ...more,
});

const refusal = (more: Partial<Output>): RsdsError => {
  try {
    reportOf(output(more));
  } catch (error) {
    return error as RsdsError;
  }
  throw new Error('it was read');
};

describe('what an instance says', () => {
  it('is a report, whatever else it printed before', () => {
    const packed = deflateSync(
      JSON.stringify({
        kind: 'connections',
        attempts: {
          ...{ names: ['ns-1'], errors: [['tcp', 'ETIMEDOUT', 'no answer in time']], name: [0, -1], error: [-1, 0] },
          ms: {
            dns: [1, 2],
            tcp: [3, null],
            tls: [4, null],
            login: [5, null],
            identity: [6, null],
            table: [null, null],
          },
        },
      }),
    ).toString('base64');
    const stdout = `a warning\n${JSON.stringify({ version: 1, report: packed })}\n`;
    expect(reportOf(output({ stdout }))).toEqual({
      kind: 'connections',
      attempts: [
        { ms: { dns: 1, tcp: 3, tls: 4, login: 5, identity: 6 }, namespaceId: 'ns-1' },
        { ms: { dns: 2 }, failed: { layer: 'tcp', error: { code: 'ETIMEDOUT', message: 'no answer in time' } } },
      ],
    });
  });

  it.each([
    ['nothing', {}, /^the test on i-1 ended with exit code 0$/],
    ['no JSON', { stdout: 'Hello', exitCode: 2 }, /exit code 2: Hello$/],
    ['half of a line', { stdout: '{"version":1,"report":"eJ' }, /ended with exit code 0: \{"version"/],
    ['what is no packed report', { stdout: '{"version":1,"report":"AAAA"}' }, /what i-1 reported can't be read/],
    ['another version', { stdout: '{"version":2,"report":"AAAA"}' }, /ended with exit code 0/],
    [
      'only on stderr',
      { stderr: 'Traceback\nOSError: no', exitCode: 1, status: 'Failed' },
      /exit code 1: Traceback OSError: no$/,
    ],
    ['that its time was over', { status: 'TimedOut', exitCode: -1 }, /ended with TimedOut$/],
    [
      'that it has no password',
      { stdout: '{"version":1,"error":{"code":"X","message":"no secret"}}' },
      /^i-1 could not test: no secret \(X\)$/,
    ],
  ])('is an error where it is %s', (_what, more, message) => {
    expect(refusal(more)).toMatchObject({ code: 'probe/script', message: expect.stringMatching(message) });
  });
});

it('a command is three lines and no more than a document may hold, without a secret in it', () => {
  const target = { host: 'nlb', port: 5439, database: 'airline', user: 'reporter', secret: 'airline-dev/reader' };
  const plan = {
    kind: 'connections',
    target,
    connections: 9,
    parallel: 1,
    tableSql: 'SELECT 1',
    timeoutMs: 1,
  } as const;
  const lines = commandsFor(plan, 'eu-west-1');
  expect(lines).toHaveLength(3);
  expect(lines.join('\n').length).toBeLessThan(48 * 1024);
  expect(lines[1]).not.toContain(`\n${lines[2]}\n`);
  // Systems Manager would put parameters of its own there.
  expect(lines.join('\n')).not.toContain('{{');
  const [, order = ''] = /python3 - (\S+)/.exec(lines[0] ?? '') ?? [];
  expect(JSON.parse(Buffer.from(order, 'base64').toString())).toMatchObject({ plan, region: 'eu-west-1' });
});

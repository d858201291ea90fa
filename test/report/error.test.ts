import { describe, expect, it } from 'vitest';
import { paintFor } from '../../src/report/colour.ts';
import { errorDocument, renderError, viewError, wrap } from '../../src/report/error.ts';
import { redactor } from '../../src/report/redact.ts';
import { ConfigError, RsdsError, ServiceError } from '../../src/shared/errors.ts';

const options = { debug: false, redact: redactor({}) };
const denied = new ServiceError('aws/denied', 'not allowed to create a VPC', {
  kind: 'denied',
  service: 'ec2',
  operation: 'CreateVpc',
  awsCode: 'UnauthorizedOperation',
  requestId: 'r-1',
});

it('an AWS error says which call failed, and its request id', () => {
  expect(renderError(viewError(denied, options), paintFor(0))).toBe(
    [
      '✖ not allowed to create a VPC',
      '  Why   UnauthorizedOperation from ec2 CreateVpc, request r-1',
      '  Next  Grant the action named, then run again.',
      '  Code  aws/denied',
    ].join('\n'),
  );
});

it('the cause of a failed step is told with it', () => {
  const view = viewError(new RsdsError('step/failed', 'vpc/vpc failed', { cause: denied }), options);
  expect(view.why).toBe('not allowed to create a VPC; UnauthorizedOperation from ec2 CreateVpc, request r-1');
});

it('on a narrow terminal lines are broken at words', () => {
  const lines = renderError(viewError(denied, options), paintFor(0), 30).split('\n');
  expect(lines.every((line) => line.length <= 30)).toBe(true);
  expect(lines.slice(0, 3)).toEqual([
    '✖ not allowed to create a VPC',
    '  Why   UnauthorizedOperation',
    '        from ec2 CreateVpc,',
  ]);
});

it('so are the faults of a configuration', () => {
  const fault = {
    code: 'config/value',
    message: 'consumers.count is "three", must be a whole number from 0 to 500',
    hint: 'Use 3, or leave it out: that is the default.',
    path: 'consumers.count',
    line: 3,
    column: 9,
  } as const;
  const view = viewError(new ConfigError([fault, fault], 'rsds.yaml'), options);
  const lines = renderError(view, paintFor(0), 40).split('\n');
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(40);
  expect(lines[1]).toBe('  rsds.yaml:3:9  consumers.count is');
});

it('--json carries no empty members', () => {
  expect(errorDocument(viewError(denied, options))).toEqual({
    code: 'aws/denied',
    message: 'not allowed to create a VPC',
    why: 'UnauthorizedOperation from ec2 CreateVpc, request r-1',
    hint: 'Grant the action named, then run again.',
    exitCode: 1,
  });
});

it.each([
  ['one two three', 7, ['one two', 'three']],
  ['unbreakable word', 4, ['unbreakable', 'word']],
  ['two\nlines', 80, ['two', 'lines']],
])('%j wrapped to %i', (text, width, expected) => {
  expect(wrap(text, width)).toEqual(expected);
});

describe('redaction', () => {
  const redact = redactor({ AWS_SESSION_TOKEN: 'token-of-the-session' });
  it.each([
    ['used token-of-the-session here', 'used [redacted] here'],
    ["ALTER USER x PASSWORD 'Sup3rSecret'", "ALTER USER x PASSWORD '[redacted]'"],
    ['{"password":"Sup3rSecret","user":"x"}', '{"password":"[redacted]","user":"x"}'],
    ["PASSWORD 'md50123456789abcdef0123456789abcdef'", "PASSWORD '[redacted]'"],
    ['hash md50123456789abcdef0123456789abcdef', 'hash [redacted]'],
    ['https://x/?X-Amz-Signature=abc123&y=1', 'https://x/?X-Amz-Signature=[redacted]&y=1'],
    ['the password is too short', 'the password is too short'],
  ])('%s', (text, expected) => {
    expect(redact(text)).toBe(expected);
  });
});

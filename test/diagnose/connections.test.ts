/** What is said of connections, from what came of them and what else was seen. */
import { describe, expect, test } from 'vitest';
import { balanceOf, judgeBalance } from '../../src/diagnose/connections/balance.ts';
import type { Evidence, ReaderLook } from '../../src/diagnose/connections/evidence.ts';
import { judgeConnections } from '../../src/diagnose/connections/judge.ts';
import { judgeLoad } from '../../src/diagnose/connections/load.ts';
import { diagnose } from '../../src/diagnose/diagnose.ts';
import type { Finding } from '../../src/diagnose/finding.ts';
import type { Observations } from '../../src/diagnose/observations.ts';
import type { Attempt, Layer, LoadReport } from '../../src/probe/plan.ts';
import { healthy, read, unread, valueIn, withOne, without } from './healthy.ts';
import { rulesOf, target } from './table.ts';

const answered = (short: string, count: number): Attempt[] =>
  Array.from({ length: count }, () => ({
    ms: { dns: 1, tcp: 1, tls: 9, login: 4, identity: 3 },
    namespaceId: `ns-${short}`,
  }));

const ended = (layer: Layer, code: string, count: number, namespaceId?: string): Attempt[] =>
  Array.from({ length: count }, () => ({
    ms: {},
    namespaceId,
    failed: { layer, error: { code, message: `${code} it said` } },
  }));

function judged(
  attempts: readonly Attempt[],
  spoilt: Partial<Observations> = {},
  readers: Record<string, ReaderLook> = {},
) {
  const seen = { ...healthy, ...spoilt };
  const evidence: Evidence = {
    ...{ seen, control: diagnose(seen), attempts, vantage: 'this machine' },
    readers: new Map(Object.entries(readers)),
  };
  const findings = judgeConnections(evidence);
  for (const { verdict, cause, remedy } of findings) {
    if (verdict === 'fail') expect([cause, remedy]).toEqual([expect.stringMatching(/./), expect.stringMatching(/./)]);
  }
  return findings;
}

const at = (findings: readonly Finding[], place: string) =>
  findings.find(({ subject, check }) => `${subject} ${check}` === place);

const said = (findings: readonly Finding[]) =>
  findings.map(({ subject, check, verdict }) => `${subject} ${check}: ${verdict}`);

const all = [...answered('consumer-1', 7), ...answered('consumer-2', 5)];

describe('connections', () => {
  test('that pass are told with who answered how many', () => {
    const findings = judged(all);
    expect(said(findings)).toEqual([
      'load balancer connections: pass',
      'consumer-1 answers: pass',
      'consumer-2 answers: pass',
    ]);
    expect(at(findings, 'consumer-1 answers')?.what).toBe('answered 7 of 12 connections');
  });

  test('that are dropped while a consumer stays silent, and AWS shows nothing, are that consumer’s', () => {
    const findings = judged([...answered('consumer-1', 6), ...ended('tcp', 'ETIMEDOUT', 6)]);
    expect(at(findings, 'load balancer connections')?.cause).toBe(
      'consumer-2 did not answer any connection, and health checks have not noticed yet',
    );
    expect(at(findings, 'consumer-2 answers')).toMatchObject({
      verdict: 'fail',
      cause: expect.stringContaining('ETIMEDOUT'),
      remedy: 'rsds diagnose consumer-2 --env dev',
    });
  });

  test('that end on a consumer that is known are told of it', () => {
    const findings = judged([...answered('consumer-1', 6), ...ended('table', '42501', 6, 'ns-consumer-2')]);
    expect(at(findings, 'consumer-2 connections')).toMatchObject({
      what: '6 of 12 connections ended at a shared table: 42501, 42501 it said',
      remedy: 'rsds up --sql --env dev',
    });
    expect(at(findings, 'load balancer connections')).toBeUndefined();
  });

  test('that leave a consumer out, all else being well, may be chance', () => {
    const findings = judged(answered('consumer-1', 12));
    expect(at(findings, 'consumer-2 answers')).toMatchObject({
      verdict: 'warn',
      cause: expect.stringContaining('chance'),
      remedy: 'rsds test balance --env dev',
    });
  });

  test('that leave a consumer out, of so many that it is no chance, are a fault without a reason', () => {
    const findings = judged(answered('consumer-1', 14));
    expect(at(findings, 'consumer-2 answers')).toMatchObject({
      verdict: 'fail',
      cause: expect.stringContaining('joined, or left'),
      remedy: 'rsds diagnose consumer-2 --env dev',
    });
  });

  test('that leave a consumer out while zones keep to themselves say so', () => {
    const off = { balancerAttributes: read({ 'load_balancing.cross_zone.enabled': 'false' }) };
    expect(at(judged(answered('consumer-1', 12), off), 'consumer-2 answers')?.cause).toContain('cross-zone');
  });

  test('that somebody else answers are told', () => {
    const findings = judged([...all, ...answered('stranger', 2)]);
    expect(at(findings, 'load balancer answers')).toMatchObject({
      what: 'namespace ns-stranger answered 2 connections and is no consumer',
      remedy: 'rsds diagnose --env dev',
    });
  });

  test('that none gets through, with a rule missing, have that as their cause', () => {
    const findings = judged(ended('tcp', 'ETIMEDOUT', 12), rulesOf('nlb', []));
    expect(said(findings)).toEqual(['load balancer connections: fail']);
    expect(at(findings, 'load balancer connections')?.cause).toContain('airline-dev-nlb lacks');
  });

  test.each([
    ['ETIMEDOUT', true],
    ['ENETUNREACH', true],
    ['EHOSTUNREACH', true],
    ['ECONNREFUSED', false],
  ])('that all end with %s, all else being well, are a matter of this machine: %s', (code, ours) => {
    const findings = judged(ended('tcp', code, 12));
    expect(at(findings, 'this machine reach') !== undefined).toBe(ours);
  });

  test('that are taken and never answered are no matter of this machine', () => {
    const findings = judged(ended('tls', 'ETIMEDOUT', 12));
    expect(at(findings, 'this machine reach')).toBeUndefined();
    expect(at(findings, 'load balancer connections')?.cause).toBe(
      'consumer-1 and consumer-2 did not answer any connection, and health checks have not noticed yet',
    );
  });

  test('that are refused at the login are not explained by a way that is broken elsewhere', () => {
    const attempts = [...answered('consumer-2', 6), ...ended('login', '53300', 6)];
    const findings = judged(attempts, { targets: without(healthy.targets, 0) });
    expect(at(findings, 'load balancer connections')?.cause).toBe('the warehouse says: 53300 it said');
  });

  test('a login that two consumers refuse alike names both', () => {
    const error = { code: '', message: 'FATAL: password authentication failed for user "reporter"' };
    const readers = { 'consumer-1': { error }, 'consumer-2': { error } };
    const findings = judged(ended('login', '28P01', 12), {}, readers);
    expect(at(findings, 'load balancer connections')?.cause).toMatch(
      /^consumer-1 and consumer-2: the password of reporter/,
    );
  });

  test('a reader who could not be asked is told as such', () => {
    const findings = judged(all, {}, { 'consumer-1': unread });
    expect(at(findings, 'consumer-1 reader')?.verdict).toBe('not checked');
  });

  test('a zone in which nothing answers is named only where others answer', () => {
    const silent = target({ state: 'unhealthy', reason: 'Target.Timeout' });
    const some = judged(answered('consumer-2', 12), silent);
    expect(at(some, 'consumer-1 answers')).toMatchObject({
      cause: expect.stringContaining('the zone us-east-1a, in which it is alone, is out'),
      remedy:
        'aws ec2 describe-availability-zones --zone-names us-east-1a --region us-east-1\nrsds replace consumer-1 --env dev',
    });
    const none = judged(ended('tcp', 'ETIMEDOUT', 12), silent);
    expect(JSON.stringify(none)).not.toContain('us-east-1a');
  });

  test.each([
    ['the security groups keep it out', rulesOf('endpoint', [])],
    ['its workgroup is not up', { workgroups: withOne(healthy.workgroups, 1, { status: 'MODIFYING' }) }],
    ['it refuses connections', target({ state: 'unhealthy', reason: 'Target.FailedHealthChecks' })],
  ])('a zone is not to blame where %s', (_why, spoilt) => {
    const findings = judged(answered('consumer-2', 12), {
      ...target({ state: 'unhealthy', reason: 'Target.Timeout' }),
      ...spoilt,
    });
    expect(at(findings, 'consumer-1 answers')?.cause).not.toContain('us-east-1a');
  });
});

const balanced = (attempts: readonly Attempt[], spoilt: Partial<Observations> = {}) => {
  const seen = { ...healthy, ...spoilt };
  return judgeBalance(seen, diagnose(seen), balanceOf(seen, attempts))[0];
};
const crossZoneOff = { balancerAttributes: read({ 'load_balancing.cross_zone.enabled': 'false' }) };

describe('the balance', () => {
  test.each([
    { counts: [31, 29], verdict: 'pass', says: /as even as chance makes it \(p = 0\.80\)/ },
    { counts: [38, 22], verdict: 'pass', says: /\(p = 0\.039\)/ },
    { counts: [50, 10], verdict: 'fail', says: /50 went to consumer-1 and 10 to consumer-2 \(p < 0\.0001\)/ },
    { counts: [2, 3], verdict: 'not checked', says: /too few/ },
    { counts: [0, 20], verdict: 'fail', says: /0 went to consumer-1/ },
  ])('of $counts: $verdict', ({ counts: [one = 0, two = 0], verdict, says }) => {
    const finding = balanced([...answered('consumer-1', one), ...answered('consumer-2', two)]);
    expect(finding).toMatchObject({ verdict, what: expect.stringMatching(says) });
  });

  const lopsided = [...answered('consumer-1', 60)];
  const sticky = { targetGroupAttributes: read({ 'stickiness.enabled': 'true' }) };
  const wished = {
    ...crossZoneOff,
    desired: {
      ...healthy.desired,
      config: { ...healthy.desired.config, loadBalancer: { ...healthy.desired.config.loadBalancer, crossZone: false } },
    },
  };

  test.each([
    ['stickiness', sticky, 'fail', /^stickiness is on/, /^rsds up/],
    ['zones that keep to themselves', crossZoneOff, 'fail', /^cross-zone balancing is off:/, /^rsds up/],
    ['the same, as it was wished', wished, 'warn', /as configured/, /loadBalancer\.crossZone/],
    ['a target that is missing', { targets: without(healthy.targets, 1) }, 'fail', /^consumer-2: /, /^rsds up/],
    ['nothing that shows', {}, 'fail', /nothing that AWS shows/, /^rsds test connectivity/],
  ])('names %s', (_what, spoilt, verdict, cause, remedy) => {
    const finding = balanced(lopsided, spoilt);
    expect(finding?.verdict).toBe(verdict);
    expect(finding?.cause).toMatch(cause);
    expect(finding?.remedy).toMatch(remedy);
  });
});

const loaded = (report: Partial<LoadReport>, spoilt: Partial<Observations> = {}) => {
  const seen = { ...healthy, ...spoilt };
  const empty: LoadReport = { kind: 'load', opened: 5, queries: 0, errors: [], latencies: {}, seconds: [] };
  return judgeLoad(seen, diagnose(seen), { ...empty, ...report })[0];
};

describe('a load', () => {
  const broken = { layer: 'query', code: 'ECONNRESET', message: 'closed', firstAt: 3.2, count: 4 } as const;

  test.each([
    ['without errors', { latencies: { 'ns-consumer-1': { 5: 90 } } }, {}, 'pass', /^90 queries over 5 connections/],
    ['that ended too early', {}, {}, 'not checked', /before a query was answered/],
    [
      'whose queries broke off',
      { errors: [{ ...broken, namespaceId: 'ns-consumer-2' }] },
      {},
      'fail',
      /^4 times at query, first after 3.2 s: ECONNRESET/,
    ],
    ['that met one refusal', { errors: [{ ...broken, layer: 'tcp', count: 1 }] }, {}, 'fail', /^once at tcp/],
  ] as const)('%s', (_what, report, spoilt, verdict, what) => {
    expect(loaded(report, spoilt)).toMatchObject({ verdict, what: expect.stringMatching(what) });
  });

  test('that AWS explains has that cause, one that it does not says so', () => {
    const errors = [{ ...broken, layer: 'tcp' as const }];
    expect(loaded({ errors }, rulesOf('nlb', []))?.cause).toContain('airline-dev-nlb lacks');
    expect(loaded({ errors })?.cause).toContain('something changed');
  });
});

test('the fixture is what it says: nothing is unwell in it', () => {
  expect(valueIn(healthy.targets)).toHaveLength(2);
  expect(diagnose(healthy).filter(({ verdict }) => verdict === 'fail')).toEqual([]);
});

/** The report as a whole: what is in it, what is left out, what missing permissions do to it. */
import { describe, expect, test } from 'vitest';
import { sharedChecks, warehouseChecks } from '../../src/diagnose/checks/index.ts';
import { diagnose } from '../../src/diagnose/diagnose.ts';
import { healthy, read, unread } from './healthy.ts';

test('where all is well every check has looked, and every one passes', () => {
  const findings = diagnose(healthy);
  expect(findings.filter(({ verdict }) => verdict !== 'pass')).toEqual([]);
  const names = [...sharedChecks, ...warehouseChecks].map(({ name }) => name);
  const silent = new Set(names.filter((name) => !findings.some(({ check }) => check === name)));
  // They speak only of what is there to speak of.
  expect(silent).toEqual(new Set(['presence', 'usage-limit']));
});

describe('what may not be read is not checked, and no reason to fail', () => {
  const readings = Object.entries(healthy).filter(
    ([, value]) => typeof value === 'object' && value !== null && 'value' in value,
  );
  test.each(readings.map(([name]) => name))('%s', (name) => {
    const findings = diagnose({ ...healthy, [name]: unread });
    const poorer = findings.filter(({ verdict }) => verdict === 'not checked');
    expect(poorer.length).toBeGreaterThan(0);
    expect(poorer[0]).toMatchObject({ what: unread.unread.why, remedy: unread.unread.remedy });
    expect(findings.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn')).toEqual([]);
  });

  test('keys and quotas', () => {
    const findings = diagnose({
      ...healthy,
      keys: [{ name: 'arn:key/1', key: unread }],
      quotas: [{ what: 'workgroups', used: unread, limit: 25, assumed: true }],
    });
    expect(findings.filter(({ verdict }) => verdict === 'not checked').map(({ check }) => check)).toEqual([
      'key',
      'quotas',
    ]);
  });
});

describe('of one warehouse', () => {
  const [, consumer] = healthy.examined;
  const workload = healthy.examined.at(-1);

  test('what all share is mentioned only where it is not well and concerns it', () => {
    const seen = { ...healthy, listeners: read([]) };
    expect(diagnose(seen, consumer).filter(({ subject }) => subject === 'load balancer')).toMatchObject([
      { check: 'listener', verdict: 'fail' },
    ]);
    expect(diagnose(seen, workload).filter(({ subject }) => subject === 'load balancer')).toEqual([]);
  });

  test('that is somebody else’s nothing more is said', () => {
    const seen = {
      ...healthy,
      strangers: read([{ subject: 'consumer-1', what: 'the namespace airline-dev-consumer-1' }]),
    };
    expect(diagnose(seen, consumer).map(({ check, verdict }) => `${check}: ${verdict}`)).toEqual(['ownership: fail']);
  });

  test('that is not wanted any more it is said that rsds up takes it away', () => {
    const surplus = { warehouse: consumer!.warehouse, wanted: false };
    const seen = { ...healthy, examined: healthy.examined.map((one) => (one === consumer ? surplus : one)) };
    expect(diagnose(seen, surplus).filter(({ verdict }) => verdict !== 'pass')).toMatchObject([
      { check: 'workgroup', verdict: 'warn', remedy: 'rsds up --env dev' },
    ]);
  });
});

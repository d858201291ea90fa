/** Which requests a fault strikes. */
import { expect, test } from 'vitest';
import type { Fault } from '../../../src/simulator/faults/fault.ts';
import { FaultPlan } from '../../../src/simulator/faults/fault-plan.ts';

const subnet = { service: 'ec2', operation: 'CreateSubnet' };

/** What strikes each of `count` requests, as one letter: `.` for nothing. */
function struck(faults: readonly Fault[], count: number, target = subnet, seed = 1): string {
  const plan = new FaultPlan(seed);
  for (const fault of faults) plan.add(fault);
  return Array.from({ length: count }, () => plan.strike(target)?.kind[0] ?? '.').join('');
}

test.each<[string, Partial<Fault>, boolean]>([
  ['any request', {}, true],
  ['its service', { services: ['kms', 'ec2'] }, true],
  ['another service', { services: ['kms'] }, false],
  ['its operation, however it is written', { operations: ['createsubnet'] }, true],
  ['all that begin so', { operations: ['Create*'] }, true],
  ['all that end so', { operations: ['*Subnet'] }, true],
  ['what is between', { operations: ['C*eat*et'] }, true],
  ['what would overlap', { operations: ['CreateSub*Subnet'] }, false],
  ['a part of a name', { operations: ['Create'] }, false],
  ['an operation of another service', { services: ['kms'], operations: ['Create*'] }, false],
])('meant for %s', (_what, which, strikes) => {
  expect(struck([{ kind: 'throttle', ...which }], 1)).toBe(strikes ? 't' : '.');
});

test.each<[string, Partial<Fault>, string]>([
  ['always', {}, 'tttttt'],
  ['twice', { times: 2 }, 'tt....'],
  ['the third', { after: 2, times: 1 }, '..t...'],
  ['from the third on', { after: 2 }, '..tttt'],
])('%s', (_what, which, pattern) => {
  expect(struck([{ kind: 'throttle', ...which }], 6)).toBe(pattern);
});

test('the first that strikes counts', () => {
  const once: Fault = { kind: 'lost-response', times: 1 };
  expect(struck([once, { kind: 'slow' }], 3)).toBe('lss');
});

test('chance comes from the seed, and is as likely as asked', () => {
  const fault: Fault = { kind: 'throttle', probability: 0.3 };
  expect(struck([fault], 1_000)).toBe(struck([fault], 1_000));
  expect(struck([fault], 1_000)).not.toBe(struck([fault], 1_000, subnet, 2));
  expect(struck([{ ...fault, seed: 7 }], 1_000)).toBe(struck([{ ...fault, seed: 7 }], 1_000, subnet, 2));
  expect(struck([fault], 1_000).replaceAll('.', '').length / 1_000).toBeCloseTo(0.3, 1);
});

test('what is cleared strikes no more; the list counts', () => {
  const plan = new FaultPlan(1);
  const first = plan.add({ kind: 'throttle', after: 1 });
  plan.add({ kind: 'denied', services: ['kms'] });
  plan.strike(subnet);
  plan.strike(subnet);
  expect(plan.list()).toMatchObject([
    { id: 1, kind: 'throttle', met: 2, struck: 1 },
    { id: 2, kind: 'denied', met: 0, struck: 0 },
  ]);
  expect([plan.clear(first.id), plan.clear(first.id), plan.strike(subnet)]).toEqual([1, 0, undefined]);
  expect([plan.clear(), plan.list()]).toEqual([1, []]);
});

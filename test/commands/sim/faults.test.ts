/** `rsds sim fault …`: from the command line to the fault, and back to a line of the list. */
import { describe, expect, it, test } from 'vitest';
import { commands, groups } from '../../../src/commands/list.ts';
import { select } from '../../../src/commands/register.ts';
import { faultKindNames } from '../../../src/commands/sim/fault-kinds.ts';
import { type FaultRequest, faultLine, faultOf } from '../../../src/commands/sim/faults.ts';
import { faultKinds } from '../../../src/simulator/faults/fault.ts';

const choose = (...words: string[]) => select({ about: '', version: '', commands, groups }, words);

function typed(...words: string[]) {
  const selection = choose('sim', 'fault', 'add', ...words);
  if (selection.kind !== 'command') throw new Error(selection.text);
  return faultOf(selection.input as unknown as FaultRequest);
}

const everything = { services: [], operations: [] };

test('the command line has the kinds that the simulator has', () => {
  expect(faultKindNames).toEqual(faultKinds);
});

test.each([
  ['throttle', { ...everything, kind: 'throttle' }],
  ['throttle --percent 30 --seed 7', { ...everything, kind: 'throttle', probability: 0.3, seed: 7 }],
  ['expired --after 40', { ...everything, kind: 'expired', after: 40 }],
  ['slow --seconds 90 --service kms,ec2', { kind: 'slow', services: ['kms', 'ec2'], operations: [], delayMs: 90_000 }],
  ['error --status 503 --times 2', { ...everything, kind: 'error', status: 503, times: 2 }],
  ['lost-response --operation Create*', { kind: 'lost-response', services: [], operations: ['Create*'] }],
])('%s', (line, fault) => {
  expect(typed(...line.split(' '))).toEqual(fault);
});

describe('what does not go together is wrong usage', () => {
  it.each([
    ['meteor', "there is no fault 'meteor'"],
    ['throttle --seconds 5', '--seconds is for faults of kind slow and slow-link only'],
    ['dead', 'needs --workgroup'],
    ['zone-outage --workgroup airline-dev-consumer-1', '--workgroup is for faults of kind dead and slow-link only'],
    ['dead --workgroup airline-dev-consumer-1 --service ec2', '--service chooses among requests'],
    ['slow --status 503', '--status is for faults of kind error only'],
    ['error --status 404', 'invalid'],
    ['throttle --percent 0', 'from 1 to 100'],
  ])('%s', (line, message) => {
    expect(() => typed(...line.split(' '))).toThrow(
      expect.objectContaining({ code: 'usage/invalid', message: expect.stringContaining(message) }),
    );
  });
});

test.each([
  [{ kind: 'throttle' as const, ...everything }, '3 throttle, every request'],
  [{ kind: 'error' as const, ...everything, status: 503, times: 1 }, '3 error 503, every request, 1 time'],
  [
    { kind: 'slow' as const, services: ['ec2'], operations: ['Create*'], delayMs: 5_000, probability: 0.3, after: 2 },
    '3 slow 5 s, 30 % of ec2 Create*, after 2',
  ],
])('%j is listed as %s', (fault, line) => {
  expect(faultLine({ ...fault, id: 3, met: 0, struck: 0 })).toBe(line);
});

test('a group of a group has a help of its own, and knows what it does not know', () => {
  const help = choose('sim', 'fault');
  expect(help).toMatchObject({ kind: 'text', text: expect.stringMatching(/add[\s\S]*list[\s\S]*clear/) });
  expect(() => choose('sim', 'fault', 'ad')).toThrow("unknown command 'ad'");
  expect(() => choose('sim', 'falt')).toThrow("unknown command 'falt'");
});

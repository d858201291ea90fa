import { expect, it } from 'vitest';
import { describeHolder, formatDateTime, formatTime, plural, waitedOf } from '../../src/report/wording.ts';

it.each([
  [0, 250_000, 'usually 4m 10s'],
  [34_000, 250_000, '34s of usually 4m 10s'],
  [34_000, undefined, '34s'],
  [0, undefined, undefined],
])('waited %i ms of usually %s ms: %s', (since, usual, expected) => {
  expect(waitedOf(since, usual)).toBe(expected);
});

it('times are local and have a fixed width', () => {
  const at = Date.UTC(2026, 0, 5, 3, 4, 5);
  expect(formatTime(at)).toMatch(/^\d\d:04:05$/);
  expect(formatDateTime(at)).toMatch(/^2026-01-0[456] \d\d:04:05$/);
});

it('who holds a lock, doing what, since when', () => {
  const holder = { id: 'x', user: 'ana', host: 'b7', pid: 1, operation: 'up', workgroup: 'w', since: 1_000 };
  expect(describeHolder(holder, 61_000)).toBe('ana@b7 (up, w) since 1m 00s');
  expect(describeHolder(undefined, 0)).toBe('nobody any more');
});

it('one change, two changes', () => {
  expect([plural(1, 'change'), plural(2, 'change'), plural(0, 'change')]).toEqual([
    '1 change',
    '2 changes',
    '0 changes',
  ]);
});

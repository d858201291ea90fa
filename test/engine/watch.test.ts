import { describe, expect, it } from 'vitest';
import { Observations, Pass } from '../../src/engine/pass.ts';
import type { Resource, ResourceId, StepName } from '../../src/engine/resource.ts';
import { type NextLook, Watch } from '../../src/engine/watch.ts';
import { VirtualClock } from '../../src/shared/clock.ts';
import { Cloud } from './cloud.ts';

/** Watches things until each has been looked at `times` times; tells when, in seconds. */
async function looksAt(things: readonly { name: string; kind: string; next: NextLook; times: number }[]) {
  const clock = new VirtualClock();
  const { signal } = new AbortController();
  const newPass = () => new Pass({ observations: new Observations(), signal, sql: false, recorded: () => undefined });
  const watch = new Watch({ clock, signal, newPass });
  const looks: Record<string, number[]> = {};
  const until = ({ name, kind, next, times }: (typeof things)[number]) => {
    const seen: number[] = [];
    looks[name] = seen;
    const resource: Resource = {
      id: `test/${name}` as ResourceId,
      step: 'vpc' as StepName,
      kind,
      title: name,
      needs: [],
      observe: () => clock.track(Promise.resolve(seen.push(clock.elapsed() / 1000))),
      changes: () => [],
      removal: () => [],
      settled: () => ({ is: 'settled' }),
    };
    return watch.until({ resource, next: () => next, done: () => seen.length >= times });
  };
  await Promise.all(things.map(until));
  return looks;
}

const every = (inMs: number): NextLook => ({ inMs, notBefore: false });

describe('looking at several at once', () => {
  it('takes in one pass whoever is due within a moment', async () => {
    const looks = await looksAt([
      { name: 'a', kind: 'x', next: every(5_000), times: 1 },
      { name: 'b', kind: 'y', next: every(7_000), times: 1 },
    ]);
    expect(looks).toEqual({ a: [5], b: [5] });
  });

  it('lets all that wait for one kind share its list, and keeps them together', async () => {
    const looks = await looksAt([
      { name: 'a', kind: 'x', next: every(5_000), times: 3 },
      { name: 'b', kind: 'x', next: every(9_000), times: 2 },
      { name: 'c', kind: 'y', next: every(19_000), times: 1 },
    ]);
    expect(looks).toEqual({ a: [5, 10, 15], b: [5, 10], c: [19] });
  });

  it('never takes a confirming look early: a state that passes by would be taken for the last one', async () => {
    const looks = await looksAt([
      { name: 'a', kind: 'x', next: every(3_000), times: 3 },
      { name: 'b', kind: 'x', next: { inMs: 5_000, notBefore: true }, times: 1 },
    ]);
    expect(looks).toEqual({ a: [3, 5, 8], b: [5] });
  });
});

describe('how long something has been waited for', () => {
  it('counts from the change, not from when it first showed', async () => {
    const cloud = new Cloud();
    await cloud.bring([cloud.thing('a', { appearMs: 10_000, createMs: 36_000 })]);
    expect(cloud.clock.elapsed()).toBeLessThan(37_000);
  });
});

import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../src/engine/events.ts';
import { openLane } from '../../src/engine/lane.ts';
import { makePlan, samePlan } from '../../src/engine/plan.ts';
import { type ApplyIo, Foreign } from '../../src/engine/resource.ts';
import { RsdsError } from '../../src/shared/errors.ts';
import { Cloud, countingLane, failure } from './cloud.ts';

const options = {
  signal: new AbortController().signal,
  sql: false,
  recorded: () => undefined,
  recordedState: () => undefined,
};

describe('bringing things into being', () => {
  it('makes what is missing, in the order of needs, and waits until it has settled', async () => {
    const cloud = new Cloud();
    const a = cloud.thing('a', { createMs: 60_000 });
    const b = cloud.thing('b', { needs: [a] });
    const result = await cloud.bring([b, a]);
    expect(cloud.calls).toEqual(['create a', 'create b']);
    expect(result).toMatchObject({ outcome: 'done', changed: 2 });
    expect(cloud.things.get('b')?.settledAt).toBeGreaterThanOrEqual(70_000);
  });

  it('makes independent things at the same time', async () => {
    const cloud = new Cloud();
    await cloud.bring([cloud.thing('a', { createMs: 60_000 }), cloud.thing('b', { createMs: 60_000 })]);
    expect(cloud.clock.elapsed()).toBeLessThan(80_000);
  });

  it('changes nothing when everything is as wanted, and looks once', async () => {
    const cloud = new Cloud();
    const a = cloud.thing('a');
    await cloud.bring([a]);
    cloud.looks = 0;
    const result = await cloud.bring([a]);
    expect([cloud.calls, result.changed, cloud.looks]).toEqual([['create a'], 0, 1]);
  });

  it('repairs exactly what drifted', async () => {
    const cloud = new Cloud();
    await cloud.bring([cloud.thing('a'), cloud.thing('b')]);
    await cloud.bring([cloud.thing('a', { size: 3 }), cloud.thing('b')]);
    expect(cloud.calls).toEqual(['create a', 'create b', 'resize a']);
  });

  it('does not make a second one while the first is not visible yet', async () => {
    const cloud = new Cloud();
    await cloud.bring([cloud.thing('a', { appearMs: 40_000, createMs: 60_000 })]);
    expect(cloud.calls).toEqual(['create a']);
  });

  it('looks twice where one settled read is not enough', async () => {
    const cloud = new Cloud();
    const a = cloud.thing('a', { createMs: 30_000, settledReads: 2 });
    await cloud.bring([a]);
    expect(cloud.clock.elapsed()).toBeGreaterThanOrEqual(35_000);
  });

  it('lets one laned thing at a time be made', async () => {
    const cloud = new Cloud();
    const { lane, most } = countingLane();
    await cloud.bring(
      ['a', 'b', 'c'].map((name) => cloud.thing(name, { lane: true })),
      'present',
      { lane },
    );
    expect([cloud.calls.length, most()]).toEqual([3, 1]);
  });

  it('holds the lane for one that is found unfinished', async () => {
    const cloud = new Cloud();
    const { lane, most } = countingLane();
    cloud.things.set('a', { size: 1, visibleAt: 0, settledAt: 50_000, goneAt: undefined });
    await cloud.bring([cloud.thing('a', { lane: true }), cloud.thing('b', { lane: true })], 'present', { lane });
    expect(most()).toBe(1);
  });
});

describe('what an earlier run left in the lane', () => {
  it('goes first, even while it cannot be seen yet', async () => {
    const cloud = new Cloud();
    const { lane, most } = countingLane();
    const at = cloud.clock.now();
    await cloud.ledger.record({ type: 'intended', id: 'test/b', kind: 'thing', action: 'create', title: 'size 1', at });
    cloud.things.set('b', { size: 1, visibleAt: 20_000, settledAt: 90_000, goneAt: undefined });
    const [a, b] = ['a', 'b'].map((name) => cloud.thing(name, { lane: true }));
    await cloud.bring([a!, b!], 'present', { lane });
    expect([cloud.calls, most()]).toEqual([['create a'], 1]);
    expect(cloud.things.get('a')?.settledAt).toBeGreaterThan(90_000);
  });

  it.each([
    ['seen before its lull', 9_000, undefined],
    ['seen in its lull', 11_000, undefined],
    ['by a run that failed, seen in its lull', 11_000, 'failed'],
  ] as const)(
    'is not taken for settled in the pause before the last part of its making: %s',
    async (_when, from, failed) => {
      const cloud = new Cloud();
      const { lane } = countingLane();
      const at = cloud.clock.now();
      await cloud.ledger.record({
        type: 'intended',
        id: 'test/a',
        kind: 'thing',
        action: 'create',
        title: 'size 1',
        at,
      });
      if (failed) await cloud.ledger.record({ type: failed, id: 'test/a', code: 'aws/throttled', message: 'no', at });
      const slow = { enter: () => cloud.clock.sleep(2_000).then(lane.enter) };
      cloud.things.set('a', { size: 1, visibleAt: 0, settledAt: 50_000, goneAt: undefined, lull: [10_000, 14_000] });
      await cloud.clock.sleep(from);
      const [a, b] = ['a', 'b'].map((name) => cloud.thing(name, { lane: true, settledReads: 2 }));
      await cloud.bring([a!, b!], 'present', { lane: slow });
      expect(cloud.calls).toEqual(['create b']);
      expect(cloud.things.get('b')?.settledAt).toBeGreaterThan(60_000);
    },
  );

  it('does not keep its place when what it needs fails', async () => {
    const cloud = new Cloud();
    const { lane } = countingLane();
    cloud.failures.set('create need', ['denied']);
    const at = cloud.clock.now();
    await cloud.ledger.record({ type: 'intended', id: 'test/b', kind: 'thing', action: 'create', title: 'size 1', at });
    const need = cloud.thing('need');
    const run = cloud.bring(
      [need, cloud.thing('b', { lane: true, needs: [need] }), cloud.thing('c', { lane: true })],
      'present',
      { lane },
    );
    await expect(run).rejects.toThrow('denied');
    expect(cloud.calls).toContain('create c');
  });
});

describe('failures', () => {
  it('waits and repeats after a conflict', async () => {
    const cloud = new Cloud();
    cloud.failures.set('create a', ['conflict', 'conflict']);
    await cloud.bring([cloud.thing('a')]);
    expect(cloud.calls).toEqual(['create a', 'create a', 'create a']);
    expect(cloud.events.filter(({ event }) => event === 'retry')).toHaveLength(2);
  });

  it('looks before it repeats a create whose answer was lost', async () => {
    const cloud = new Cloud();
    cloud.failures.set('create a', ['transient']);
    cloud.lostAnswers.add('create a');
    await cloud.bring([cloud.thing('a', { appearMs: 20_000 })]);
    expect(cloud.calls).toEqual(['create a']);
  });

  it('looks again where a look fails in passing, before a change and after one', async () => {
    const cloud = new Cloud();
    const need = cloud.thing('need', { createMs: 0 });
    const create = cloud.thing('a', { needs: [need] });
    const failLooks = () => cloud.failures.set('look at a', Array(5).fill('throttled'));
    // After the plan has looked: from the first change on.
    const watching = { emit: (event: RunEvent) => event.event === 'change-started' && failLooks() };
    const { outcome } = await cloud.bring([need, create], 'present', { reporter: watching });
    expect([outcome, cloud.calls]).toEqual(['done', ['create need', 'create a']]);
  });

  it('gives up looking where that goes on for minutes', async () => {
    const cloud = new Cloud();
    const need = cloud.thing('need', { createMs: 0 });
    const emit = ({ event }: RunEvent) =>
      event === 'change-started' && cloud.failures.set('look at need', Array(1_000).fill('transient'));
    const run = cloud.bring([need], 'present', { reporter: { emit } });
    await expect(run).rejects.toMatchObject({ kind: 'transient' });
    expect(cloud.clock.elapsed()).toBeGreaterThan(5 * 60_000);
  });

  it('gives up at once where waiting does not help, and says which', async () => {
    const cloud = new Cloud();
    cloud.failures.set('create a', ['denied']);
    await expect(cloud.bring([cloud.thing('a')])).rejects.toThrow('create a: denied');
    expect(cloud.ledger.document().resources['test/a']).toMatchObject({
      state: 'failed',
      error: { code: 'aws/failed' },
    });
  });

  it('leaves out what stands on a failed thing and finishes the rest', async () => {
    const cloud = new Cloud();
    cloud.failures.set('create a', ['invalid']);
    const a = cloud.thing('a');
    const run = cloud.bring([a, cloud.thing('b', { needs: [a] }), cloud.thing('c')]);
    await expect(run).rejects.toThrow('invalid');
    expect(cloud.calls).toEqual(['create a', 'create c']);
  });

  it('stops everything when the credentials have expired', async () => {
    const cloud = new Cloud();
    cloud.failures.set('create a', ['expired']);
    const slow = cloud.thing('slow', { createMs: 600_000 });
    await expect(cloud.bring([slow, cloud.thing('late', { needs: [slow] }), cloud.thing('a')])).rejects.toThrow(
      'expired',
    );
    expect(cloud.calls).not.toContain('create late');
  });

  it('names all of several failures', async () => {
    const cloud = new Cloud();
    cloud.failures.set('create a', ['denied']).set('create b', ['quota']);
    await expect(cloud.bring([cloud.thing('a'), cloud.thing('b')])).rejects.toThrow(
      /2 resources failed: .*denied.*quota/,
    );
  });

  it('gives up a thing that does not settle in its time', async () => {
    const cloud = new Cloud();
    await expect(cloud.bring([cloud.thing('a', { createMs: 3_600_000 })])).rejects.toThrow(
      /still CREATING after 2\d minutes/,
    );
  });

  it('gives up nothing that looks done, however late the look: it is looked at once more', async () => {
    const cloud = new Cloud();
    const a = cloud.thing('a', { createMs: 20_000, settledReads: 2 });
    // The first look comes after 30 s.
    const result = await cloud.bring([{ ...a, usualMs: 150_000, settleTimeoutMs: 25_000 }]);
    expect(result.outcome).toBe('done');
  });

  it('refuses a stranger of the same name', async () => {
    const cloud = new Cloud();
    const a = { ...cloud.thing('a'), observe: async () => new Foreign('thing a is tagged otherwise') };
    await expect(makePlan([{ resource: a, goal: 'present' }], options)).rejects.toMatchObject({ code: 'step/foreign' });
    const plan = await makePlan([{ resource: a, goal: 'absent' }], options);
    expect(plan.empty).toBe(true);
  });
});

describe('the ledger', () => {
  it('has the intent before the call and the outcome after it', async () => {
    const cloud = new Cloud();
    await cloud.bring([cloud.thing('a')]);
    expect(cloud.ledger.history.map(({ type }) => type)).toEqual(['intended', 'applied', 'seen', 'seen', 'settled']);
    expect(cloud.ledger.document().resources['test/a']).toMatchObject({ state: 'settled', data: { size: 1 } });
    expect(cloud.ledger.document().measured).toMatchObject([{ kind: 'thing.create' }]);
  });

  it('searches for a create that an earlier run left open before it makes another', async () => {
    const cloud = new Cloud();
    await cloud.ledger.record({
      type: 'intended',
      id: 'test/a',
      kind: 'thing',
      action: 'create',
      title: 'size 1',
      at: cloud.clock.now(),
    });
    cloud.things.set('a', { size: 1, visibleAt: 30_000, settledAt: 30_000, goneAt: undefined });
    await cloud.bring([cloud.thing('a')]);
    expect(cloud.calls).toEqual([]);
  });

  it('is completed by looking where a run was killed between a call and what came of it', async () => {
    const cloud = new Cloud();
    const intent = { action: 'create', title: 'size 1', at: cloud.clock.now() };
    await cloud.ledger.record({ type: 'intended', id: 'test/a', kind: 'thing', ...intent });
    await cloud.ledger.record({ type: 'applied', id: 'test/a', at: cloud.clock.now() });
    cloud.things.set('a', { size: 1, visibleAt: 0, settledAt: 0, goneAt: undefined });
    await cloud.bring([cloud.thing('a')]);
    expect(cloud.calls).toEqual([]);
    expect(cloud.ledger.document().resources['test/a']).toMatchObject({ state: 'settled', data: { size: 1 } });
    cloud.ledger.history.length = 0;
    await cloud.bring([cloud.thing('a')]);
    expect(cloud.ledger.history).toEqual([]);
  });

  it('knows what had gone when a run that was killed is resumed', async () => {
    const cloud = new Cloud();
    await cloud.bring([cloud.thing('a')]);
    const intent = { action: 'delete', title: 'delete', at: cloud.clock.now() };
    await cloud.ledger.record({ type: 'intended', id: 'test/a', kind: 'thing', ...intent });
    cloud.things.clear();
    await cloud.bring([cloud.thing('a')], 'absent');
    expect(cloud.ledger.document().resources['test/a']).toMatchObject({ state: 'removed', data: {} });
    cloud.ledger.history.length = 0;
    await cloud.bring([cloud.thing('a'), cloud.thing('never made')], 'absent');
    expect(cloud.ledger.history).toEqual([]);
  });

  it('knows what settled while its turn was waited for', async () => {
    const cloud = new Cloud();
    const intent = { action: 'create', title: 'size 1', at: cloud.clock.now() };
    await cloud.ledger.record({ type: 'intended', id: 'test/a', kind: 'thing', ...intent });
    cloud.things.set('a', { size: 1, visibleAt: 0, settledAt: 20_000, goneAt: undefined });
    const slow = { enter: () => cloud.clock.sleep(30_000).then(() => openLane.enter('a', options.signal, 0)) };
    await cloud.bring([cloud.thing('a', { lane: true })], 'present', { lane: slow });
    expect(cloud.calls).toEqual([]);
    expect(cloud.ledger.document().resources['test/a']).toMatchObject({ state: 'settled', data: { size: 1 } });
  });

  it('is rebuilt by looking when it was lost', async () => {
    const cloud = new Cloud();
    cloud.things.set('a', { size: 1, visibleAt: 0, settledAt: 0, goneAt: undefined });
    await cloud.bring([cloud.thing('a')]);
    expect(cloud.calls).toEqual([]);
    expect(cloud.ledger.document().resources['test/a']).toMatchObject({ state: 'settled', data: { size: 1 } });
  });
});

describe('taking things away', () => {
  it('goes backwards and waits until each is gone', async () => {
    const cloud = new Cloud();
    const a = cloud.thing('a');
    const b = cloud.thing('b', { needs: [a], deleteMs: 60_000 });
    await cloud.bring([a, b]);
    await cloud.bring([a, b], 'absent');
    expect(cloud.calls.slice(2)).toEqual(['delete b', 'delete a']);
    expect(cloud.things.size).toBe(0);
    expect(cloud.ledger.document().resources['test/b']).toMatchObject({ state: 'removed', data: {} });
  });

  it('keeps the order through what is not part of the run', async () => {
    const cloud = new Cloud();
    const a = cloud.thing('a');
    const between = cloud.thing('between', { needs: [a] });
    const b = cloud.thing('b', { needs: [between], deleteMs: 60_000 });
    await cloud.bring([a, between, b]);
    await cloud.bring([a, b], 'absent');
    expect(cloud.calls.slice(3)).toEqual(['delete b', 'delete a']);
  });

  it('deletes no more of a kind at a time than allowed', async () => {
    const cloud = new Cloud();
    const things = ['a', 'b', 'c', 'd'].map((name) => cloud.thing(name, { kind: 'big', deleteMs: 60_000 }));
    await cloud.bring(things);
    const from = cloud.clock.elapsed();
    await cloud.bring(things, 'absent', { deletionsAtOnce: { big: 2 } });
    expect(cloud.clock.elapsed() - from).toBeGreaterThanOrEqual(120_000);
  });

  it('does not mind what is gone already', async () => {
    const cloud = new Cloud();
    const result = await cloud.bring([cloud.thing('a')], 'absent');
    expect([cloud.calls, result.outcome]).toEqual([[], 'done']);
  });
});

describe('stopping', () => {
  it('starts no new call once it is interrupted, and says so', async () => {
    const cloud = new Cloud();
    const stop = new AbortController();
    const a = cloud.thing('a', { createMs: 60_000 });
    const reason = new RsdsError('run/interrupted', 'interrupted');
    const run = cloud.bring([a, cloud.thing('b', { needs: [a] })], 'present', { signal: stop.signal });
    const stopped = expect(run).rejects.toBe(reason);
    await cloud.clock.sleep(20_000);
    stop.abort(reason);
    await stopped;
    expect(cloud.calls).toEqual(['create a']);
    expect(cloud.events.at(-1)).toMatchObject({ event: 'run-ended', outcome: 'interrupted' });
  });

  it('makes no call when the lease is not ours any more', async () => {
    const cloud = new Cloud();
    const lost = new RsdsError('lock/lost', 'the lock was lost');
    const checkLease = async () => {
      throw lost;
    };
    await expect(cloud.bring([cloud.thing('a')], 'present', { checkLease })).rejects.toBe(lost);
    expect(cloud.calls).toEqual([]);
  });
});

describe('a change of several calls', () => {
  it('makes no further call once the lease is lost in between', async () => {
    const cloud = new Cloud();
    const lost = new RsdsError('lock/lost', 'the lock was lost');
    const calls: string[] = [];
    const apply = async (io: ApplyIo) => {
      calls.push('first');
      await cloud.clock.sleep(60_000);
      await io.permit();
      calls.push('second');
    };
    const a = { ...cloud.thing('a'), changes: () => [{ action: 'sql' as const, title: 'two calls', apply }] };
    const checkLease = async () => {
      if (cloud.clock.elapsed() > 30_000) throw lost;
    };
    await expect(cloud.bring([a], 'present', { checkLease })).rejects.toBe(lost);
    expect(calls).toEqual(['first']);
  });
});

describe('planning', () => {
  it('tells two plans apart by what they would change', async () => {
    const cloud = new Cloud();
    const plan = (size: number) => makePlan([{ resource: cloud.thing('a', { size }), goal: 'present' }], options);
    expect(samePlan(await plan(1), await plan(1))).toBe(true);
    expect(samePlan(await plan(1), await plan(2))).toBe(false);
  });

  it('fails with the error of what cannot be read', async () => {
    const cloud = new Cloud();
    const a = { ...cloud.thing('a'), observe: () => Promise.reject(failure('denied', 'look at a')) };
    await expect(makePlan([{ resource: a, goal: 'present' }], options)).rejects.toThrow('look at a: denied');
  });
});

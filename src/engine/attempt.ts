/**
 * One attempt at one change. The intent is in the ledger before the call (E1), the leases are checked in the last
 * moment before it (E2), and once the run is stopped it is not begun (E5).
 */
import type { Ledger } from '../ledger/ledger.ts';
import type { Clock } from '../shared/clock.ts';
import { RsdsError } from '../shared/errors.ts';
import { type EventWithoutTime, label } from './events.ts';
import type { LanePass } from './lane.ts';
import type { ApplyIo, Change, Resource, ResourceId, UntilOptions } from './resource.ts';

export interface AttemptContext {
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly signal: AbortSignal;
  checkLease(): Promise<void>;
  hasFailed(id: ResourceId): boolean;
  emit(event: EventWithoutTime): void;
}

/** Makes the change; throws what its call threw. `lanePass` is the place in the lane under which it is made. */
export async function attempt(
  resource: Resource,
  change: Change,
  context: AttemptContext,
  lanePass: LanePass | undefined,
): Promise<void> {
  const { ledger, clock, signal, emit } = context;
  const { id, kind } = resource;
  const { action, title } = change;
  const told = { resource: label(resource), action, title };
  const startedAt = clock.elapsed();
  emit({ event: 'change-started', ...told });
  signal.throwIfAborted();
  await ledger.record({ type: 'intended', id, kind, action, title, at: clock.now() });
  const permit = async () => {
    signal.throwIfAborted();
    await lanePass?.check();
    await context.checkLease();
  };
  await permit();
  await change.apply(ioFor(resource, context, permit));
  await ledger.record({ type: 'applied', id, at: clock.now() });
  emit({ event: 'change-applied', ...told, ms: clock.elapsed() - startedAt });
}

function ioFor(resource: Resource, context: AttemptContext, permit: () => Promise<void>): ApplyIo {
  const { ledger, signal, clock, emit } = context;
  const { id, kind } = resource;
  return {
    signal,
    permit,
    note: (text) => emit({ event: 'note', resource: label(resource), text, level: 'info' }),
    remember: (data) => ledger.record({ type: 'remembered', id, kind, data }),
    hasFailed: (other) => context.hasFailed(other),
    recorded: () => ledger.document().resources[id]?.data,
    until: (what, check, how) => until(clock, signal, { what, check, how }),
  };
}

interface Question<T> {
  readonly what: string;
  readonly how: UntilOptions;
  check(): Promise<T | undefined>;
}

async function until<T>(clock: Clock, signal: AbortSignal, { what, check, how }: Question<T>): Promise<T> {
  const since = clock.elapsed();
  if (how.firstMs !== undefined) await clock.sleep(how.firstMs, { signal });
  for (;;) {
    const answer = await check();
    if (answer !== undefined) return answer;
    if (clock.elapsed() - since > how.timeoutMs) {
      throw new RsdsError('step/timeout', `${what} has not ended after ${Math.round(how.timeoutMs / 1000)} s`);
    }
    await clock.sleep(how.everyMs, { signal });
  }
}

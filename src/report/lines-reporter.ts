/**
 * Plain lines for logs and pipes: one for each transition, nothing that moves. While nothing changes, one line every
 * 30 s of real time tells what is waited for longest.
 */
import type { RunEvent } from '../engine/events.ts';
import { formatDuration } from '../shared/clock.ts';
import type { Paint } from './colour.ts';
import type { Sink } from './output.ts';
import type { RunReporter } from './reporter.ts';
import { describeHolder, formatTime, goneWord, plural, retryLine, statusWord, waitedOf } from './wording.ts';

const heartbeatMs = 30_000;

export interface LinesOptions {
  readonly sink: Sink;
  readonly paint: Paint;
  /** The clock's speed: events carry AWS time, heartbeats go by real time. */
  readonly speed: number;
  /** Tells every attempt of what is tried again. */
  readonly verbose?: boolean;
}

export function createLinesReporter({ sink, paint, speed, verbose = false }: LinesOptions): RunReporter {
  let spokenAt = Number.NEGATIVE_INFINITY;
  // A wait is announced when it begins, and then told by heartbeats.
  const locksAnnounced = new Set<string>();
  const retries = new Retries();
  const say = (at: number, text: string) => {
    spokenAt = at;
    sink.write(`${paint.dim(formatTime(at))} ${text}\n`);
  };
  return {
    emit: (event) => {
      if (event.event === 'lock-acquired') locksAnnounced.delete(event.key);
      const known = (retries.isKnown(event) && !verbose) || isHeartbeat(event, locksAnnounced);
      const quiet = known && event.at - spokenAt < heartbeatMs * speed;
      if (event.event === 'lock-waiting') locksAnnounced.add(event.key);
      if (quiet) return;
      const text = lineOf(event, paint);
      if (text !== undefined) say(event.at, text);
    },
    close: () => Promise.resolve(),
  };
}

/** A call that AWS refuses for minutes (a group whose interface lingers) is told once, and then by heartbeats. */
class Retries {
  readonly #under = new Map<string, { kind: string; title: string }>();
  readonly #titles = new Map<string, string>();

  /** Whether the event tells only what has been told of the resource. */
  isKnown(event: RunEvent): boolean {
    if (event.event === 'change-started') {
      this.#titles.set(event.resource.id, event.title);
      return this.#under.get(event.resource.id)?.title === event.title;
    }
    if (event.event !== 'retry') return false;
    const { id } = event.resource;
    const before = this.#under.get(id);
    const title = this.#titles.get(id) ?? '';
    this.#under.set(id, { kind: event.kind, title });
    return before?.kind === event.kind && before.title === title;
  }
}

function isHeartbeat(event: RunEvent, locksAnnounced: ReadonlySet<string>): boolean {
  if (event.event === 'lock-waiting') return locksAnnounced.has(event.key);
  return event.event === 'resource-waiting' && !event.transition;
}

function lineOf(event: RunEvent, paint: Paint): string | undefined {
  switch (event.event) {
    case 'run-started': {
      const changing = event.resources.filter(({ changes }) => changes > 0);
      return `${event.command}: ${changing.length} of ${plural(event.resources.length, 'resource')} to change`;
    }
    case 'lock-waiting':
      return `waiting${waitedSoFar(event.waitedMs)} for ${describeHolder(event.holder, event.at)}: ${event.why}`;
    case 'lock-acquired':
      return `lock ${event.key} acquired`;
    case 'lock-released':
      return `lock ${event.key} released`;
    // The change's acceptance is no news beside its end, and a start without a change is none either.
    case 'resource-started':
    case 'change-applied':
      return undefined;
    case 'change-started':
      return `${event.resource.id} ${event.title}`;
    case 'resource-waiting': {
      const waited = waitedOf(event.sinceMs, event.usualMs);
      return `${event.resource.id} ${statusWord(event.resource.kind, event.status)}${waited ? ` (${waited})` : ''}${event.why ? `: ${event.why}` : ''}`;
    }
    case 'retry':
      return retryLine(event);
    case 'note': {
      const about = event.resource ? `${event.resource.id} ` : '';
      return event.level === 'warning' ? `${paint.yellow('!')} ${about}${event.text}` : `${about}${event.text}`;
    }
    case 'resource-settled':
      return event.changed ? settledLine(event, paint) : undefined;
    case 'resource-failed':
      return `${paint.red('✖')} ${event.resource.id} ${event.message} [${event.code}]${event.hint ? `; next: ${event.hint}` : ''}`;
    case 'stopping':
      return `stopping: ${event.reason}`;
    case 'run-ended':
      return `${event.outcome} in ${formatDuration(event.ms)}`;
  }
}

const waitedSoFar = (ms: number) => (ms < 1000 ? '' : ` ${formatDuration(ms)}`);

function settledLine(event: RunEvent & { event: 'resource-settled' }, paint: Paint): string {
  const state = event.goal === 'absent' ? goneWord(event.resource.kind) : (event.status ?? 'ready');
  return `${paint.green('✔')} ${event.resource.id} ${state} (${formatDuration(event.ms)})`;
}

/** How events are said: one wording for tree and lines. Past tense when done; ids in full; durations by the clock. */
import type { Holder, RunEvent } from '../engine/events.ts';
import type { ChangeAction } from '../engine/resource.ts';
import { formatDuration } from '../shared/clock.ts';

const doing: Readonly<Record<ChangeAction, string>> = {
  create: 'creating',
  update: 'updating',
  replace: 'replacing',
  delete: 'deleting',
  register: 'registering',
  deregister: 'deregistering',
  sql: 'running SQL',
};

export const actionInProgress = (action: ChangeAction): string => doing[action];

/** "4m 10s of usually 5m 00s"; "usually 5m 00s" at the beginning; undefined where there is nothing to tell yet. */
export function waitedOf(sinceMs: number, usualMs: number | undefined): string | undefined {
  const usual = usualMs === undefined ? undefined : `usually ${formatDuration(usualMs)}`;
  if (sinceMs < 1000) return usual;
  return usual === undefined ? formatDuration(sinceMs) : `${formatDuration(sinceMs)} of ${usual}`;
}

/** What it means that a resource of a kind is gone; a final snapshot is what has been taken, not what is lost. */
export const goneWord = (kind: string): string => (kind === 'final-snapshot' ? 'taken' : 'gone');

/** `consumer-2/workgroup throttled, attempt 3 in 4s: Rate exceeded`. */
export const retryLine = ({ resource, kind, attempt, inMs, message }: RunEvent & { event: 'retry' }): string =>
  `${resource.id} ${kind}, attempt ${attempt} in ${formatDuration(inMs)}: ${message}`;

/** A status for people. */
export const statusWord = (kind: string, status: string): string => (status === 'gone' ? goneWord(kind) : status);

/** Who holds a lock: "ana@build-7 (up, consumer-2) since 4m 10s". */
export function describeHolder(holder: Holder | undefined, now: number): string {
  if (!holder) return 'nobody any more';
  const doingWhat = [holder.operation, holder.workgroup].filter(Boolean).join(', ');
  return `${holder.user}@${holder.host} (${doingWhat}) since ${formatDuration(now - holder.since)}`;
}

export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** `14:03:59`, local time; `at` in ms since the epoch. */
export const formatTime = (at: number): string =>
  format(at, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });

/** `2026-01-05 14:03:59`, local time; `at` in ms since the epoch. */
export const formatDateTime = (at: number): string => format(at, { dateStyle: 'short', timeStyle: 'medium' });

// A formatter takes ten milliseconds to make: not before it is needed, and once.
const formatters = new Map<string, Intl.DateTimeFormat>();

function format(at: number, options: Intl.DateTimeFormatOptions): string {
  const key = JSON.stringify(options);
  const formatter = formatters.get(key) ?? new Intl.DateTimeFormat('sv', options);
  formatters.set(key, formatter);
  return formatter.format(at);
}

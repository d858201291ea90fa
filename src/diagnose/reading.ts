/** What was read, or why it could not be: a permission that is missing makes a report poorer, it does not end it. */
import { ServiceError } from '../shared/errors.ts';

export interface Unread {
  /** For people: `AccessDenied on kms:DescribeKey`. */
  readonly why: string;
  readonly remedy?: string | undefined;
}

export type Reading<T> = { readonly value: T } | { readonly unread: Unread };

/**
 * Reads, and takes a failure of the one call as an answer. Credentials that AWS does not accept are thrown: nothing
 * else could be read with them either. So is everything that is no answer of AWS.
 */
export async function read<T>(call: () => Promise<T>): Promise<Reading<T>> {
  try {
    return { value: await call() };
  } catch (error) {
    if (!(error instanceof ServiceError) || error.kind === 'expired' || error.kind === 'credentials') throw error;
    return { unread: unreadFrom(error) };
  }
}

function unreadFrom({ kind, service, operation, awsCode, hint, message }: ServiceError): Unread {
  if (kind === 'denied') return { why: `AccessDenied on ${service} ${operation}`, remedy: hint };
  if (kind === 'unreachable') return { why: message, remedy: hint };
  return { why: `${awsCode} on ${service} ${operation}` };
}

/** Reads what only the answer of another reading names. */
export async function onward<A, B>(first: Reading<A>, next: (value: A) => Promise<B>): Promise<Reading<B>> {
  return 'unread' in first ? first : read(() => next(first.value));
}

/** The value; undefined where it was not read. */
export const ifRead = <T>(reading: Reading<T>): T | undefined => ('value' in reading ? reading.value : undefined);

export function mapped<A, B>(first: Reading<A>, view: (value: A) => B): Reading<B> {
  return 'unread' in first ? first : { value: view(first.value) };
}

type Values<R> = { readonly [K in keyof R]: R[K] extends Reading<infer T> ? T : never };

/** Several readings as one, which is unread as soon as one of them is. */
export function together<R extends Readonly<Record<string, Reading<unknown>>>>(readings: R): Reading<Values<R>> {
  const values: Record<string, unknown> = {};
  for (const [key, reading] of Object.entries(readings)) {
    if ('unread' in reading) return reading;
    values[key] = reading.value;
  }
  return { value: values as Values<R> };
}

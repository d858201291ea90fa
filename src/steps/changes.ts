/** Making changes: the few lines that every resource needs. */

import type { Namespace } from '@aws-sdk/client-redshift-serverless';
import type { Aws } from '../aws/aws.ts';
import type { ApplyIo, Change, ChangeAction, Resource } from '../engine/resource.ts';
import type { Desired } from '../model/desired.ts';
import { RsdsError } from '../shared/errors.ts';

/** What the factories close over: what should be, and where. */
export interface StepContext {
  readonly desired: Desired;
  readonly aws: Aws;
  /** The namespaces that were listed to find out what stands: the first look uses them, and costs no second list. */
  readonly listed?: { take(): Namespace[] | undefined };
}

/** One change; its answer is not used: what came of it is seen by looking. */
export function change(
  action: ChangeAction,
  title: string,
  apply: (io: ApplyIo) => Promise<unknown>,
  more: Pick<Change, 'why' | 'interrupts' | 'lane' | 'waitsForOthers'> = {},
): Change {
  return { action, title, ...more, apply: async (io) => void (await apply(io)) };
}

/**
 * What a change stands on. The engine settles all that a resource needs before it applies a change: it is there, unless
 * somebody else has deleted it since. Throws `step/vanished`.
 */
export function needed<T>(value: T | undefined, what: string): T {
  if (value !== undefined) return value;
  throw new RsdsError('step/vanished', `${what} was there and is gone: somebody else deletes what rsds makes`, {
    hint: 'run the same command again, which makes it anew',
  });
}

/** For `changes`: the difference can't be made up in place, and rsds does not replace this. */
export function refuse(resource: Pick<Resource, 'title'>, what: string, hint: string): never {
  throw new RsdsError('plan/refused', `${resource.title}: ${what}`, { hint });
}

/** `a, b and c`. */
export function inWords(list: readonly string[]): string {
  const last = list.at(-1) ?? '';
  return list.length < 2 ? last : `${list.slice(0, -1).join(', ')} and ${last}`;
}

/** Settled, for what AWS makes in one go. */
export const atOnce = () => ({ is: 'settled' }) as const;

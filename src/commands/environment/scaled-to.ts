/** From what `scale` is asked for to the consumers that there should be. Pure. */
import type { ConsumerCount } from '../../config/write.ts';
import type { Desired } from '../../model/desired.ts';
import { consumerNumber } from '../../model/foreign.ts';
import { RsdsError } from '../../shared/errors.ts';

export interface ScaleWish {
  /** Undefined: those that there are, without the removed ones. */
  readonly consumers: number | undefined;
  /** `consumer-2`, or the whole name. */
  readonly remove: readonly string[];
}

/** Typing it again changes nothing: one that is left out already counts as removed. Throws `usage/invalid`. */
export function scaledTo({ config, consumers, names }: Desired, wish: ScaleWish): ConsumerCount {
  const { without } = config.consumers;
  const removed = wish.remove.map((name) => numberOf(name));
  const left = consumers.filter(({ number = 0 }) => !removed.includes(number));
  const all = [...new Set([...without, ...removed])].sort((one, other) => one - other);
  return { count: wish.consumers ?? left.length, without: all };

  function numberOf(name: string): number {
    const short = name.startsWith(`${names.prefix}-`) ? name.slice(names.prefix.length + 1) : name;
    const number = consumerNumber(short);
    const known = number !== undefined && (without.includes(number) || consumers.some((one) => one.number === number));
    if (known) return number;
    throw new RsdsError('usage/invalid', `${name} is not one of the consumers`, {
      hint: `there are ${consumers.map((one) => one.short).join(', ') || 'none'}`,
    });
  }
}

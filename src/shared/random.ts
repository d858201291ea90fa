/** The one source of randomness, passed in like the clock; only this file touches `node:crypto`'s generators. */
import { randomBytes, randomUUID } from 'node:crypto';

export interface Random {
  /** A number in [0, 1). */
  next(): number;
  /** A version-4 UUID. */
  uuid(): string;
  /** `digits` lower-case hexadecimal digits. */
  hex(digits: number): string;
}

/** Randomness from the operating system: lock owners, passwords, client tokens. */
export const systemRandom: Random = {
  next: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48,
  uuid: () => randomUUID(),
  hex: (digits) =>
    randomBytes(Math.ceil(digits / 2))
      .toString('hex')
      .slice(0, digits),
};

/**
 * Repeatable randomness from a seed (mulberry32), for the simulator, tests and back-off in virtual time.
 * `state()` can be saved and handed to `seededRandom` again to go on where it stopped.
 */
export interface SeededRandom extends Random {
  state(): number;
}

export function seededRandom(seed: number): SeededRandom {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const hex = (digits: number) => Array.from({ length: digits }, () => Math.floor(next() * 16).toString(16)).join('');
  const uuid = () => `${hex(8)}-${hex(4)}-4${hex(3)}-${'89ab'[Math.floor(next() * 4)]}${hex(3)}-${hex(12)}`;
  return { next, uuid, hex, state: () => state };
}

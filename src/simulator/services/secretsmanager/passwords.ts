/** GetRandomPassword, and the passwords that managed secrets get when they are rotated. */
import type * as Secrets from '@aws-sdk/client-secrets-manager';
import type { Random } from '../../../shared/random.ts';
import type { Checked } from '../../checked.ts';
import type { Operation } from '../../service.ts';
import { invalidParameter } from './shared.ts';

const lower = 'abcdefghijklmnopqrstuvwxyz';
const upper = lower.toUpperCase();
const digits = '0123456789';
const punctuation = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';

type Wish = Omit<Checked<Secrets.GetRandomPasswordRequest>, 'PasswordLength'> & { PasswordLength?: number | undefined };

/** The kinds of characters a request allows, each without the excluded ones. */
function kindsOf(wish: Wish): string[] {
  const kinds = [
    wish.ExcludeLowercase ? '' : lower,
    wish.ExcludeUppercase ? '' : upper,
    wish.ExcludeNumbers ? '' : digits,
    wish.ExcludePunctuation ? '' : punctuation,
    wish.IncludeSpace ? ' ' : '',
  ].filter((kind) => kind !== '');
  const excluded = wish.ExcludeCharacters ?? '';
  return kinds.map((kind) => [...kind].filter((symbol) => !excluded.includes(symbol)).join(''));
}

/** A password as Secrets Manager makes them: at least one character of each kind unless told otherwise. F-549 */
export function makePassword(wish: Wish, random: Random): string {
  const length = wish.PasswordLength ?? 32;
  const kinds = kindsOf(wish);
  const all = kinds.join('');
  const pick = (symbols: string) => symbols.charAt(Math.floor(random.next() * symbols.length));
  if (all === '') throw invalidParameter('The password length or the excluded characters leave no valid password.');
  if (wish.RequireEachIncludedType === false) return Array.from({ length }, () => pick(all)).join('');
  if (kinds.includes('') || length < kinds.length) {
    throw invalidParameter(
      `Password length ${length} and the excluded characters don't allow one character of each included type.`,
    );
  }
  const rest = Array.from({ length: length - kinds.length }, () => pick(all));
  return shuffle([...kinds.map(pick), ...rest], random).join('');
}

function shuffle(symbols: string[], random: Random): string[] {
  const keyed = symbols.map((symbol) => ({ symbol, key: random.next() }));
  return keyed.sort((a, b) => a.key - b.key).map(({ symbol }) => symbol);
}

const getRandomPassword: Operation<Checked<Secrets.GetRandomPasswordRequest>, Secrets.GetRandomPasswordResponse> = (
  input,
  call,
) => ({ RandomPassword: makePassword(input, call.world.random) });

export const passwordOperations = { GetRandomPassword: getRandomPassword };

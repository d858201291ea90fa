import type { Random } from '../../shared/random.ts';

const classes = ['ABCDEFGHJKLMNPQRSTUVWXYZ', 'abcdefghijkmnopqrstuvwxyz', '23456789'] as const;
const length = 32;

/**
 * A password that Redshift takes (8 to 64 characters, upper and lower case and a digit: F-685) and that needs no quoting
 * in a shell, a URL or a connection string: letters and digits, without those that look alike. About 180 bits.
 */
export function makePassword(random: Random): string {
  const all = classes.join('');
  for (;;) {
    const password = Array.from({ length }, () => all.charAt(Math.floor(random.next() * all.length))).join('');
    if (classes.every((some) => [...some].some((letter) => password.includes(letter)))) return password;
  }
}

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  joinTokens,
  nameOf,
  quoteName,
  quoteString,
  splitStatements,
  stringOf,
  tokenize,
} from '../../../src/simulator/plane/tokens.ts';

const kinds = (sql: string) =>
  tokenize(sql)
    .filter(({ kind }) => kind !== 'space')
    .map(({ kind, text }) => `${kind} ${text}`);

describe('tokens of a statement', () => {
  it('put together are the statement, whatever it is', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (sql) => joinTokens(tokenize(sql)) === sql));
  });

  it('put together are the statement, when it is made of what SQL is made of', () => {
    const piece = fc.constantFrom(
      "'",
      '"',
      '$$',
      '$x$',
      '--',
      '/*',
      '*/',
      '\\',
      '\n',
      ';',
      '.',
      ':a',
      '::',
      'a',
      ' ',
      '1e5',
    );
    fc.assert(fc.property(fc.array(piece), (pieces) => joinTokens(tokenize(pieces.join(''))) === pieces.join('')));
  });

  it.each([
    ["'it''s'", ["string 'it''s'"]],
    ["'a\\'b'", ["string 'a\\'b'"]],
    ['"a""b".c', ['quoted "a""b"', 'symbol .', 'word c']],
    ['$$a;b$$ $x$ $$ $x$', ['string $$a;b$$', 'string $x$ $$ $x$']],
    ['a -- b;\nc', ['word a', 'comment -- b;', 'word c']],
    ['/* a /* b */ c */ d', ['comment /* a /* b */ c */', 'word d']],
    ['x::int = :id', ['word x', 'symbol ::', 'word int', 'symbol =', 'parameter :id']],
    ['1.5e-3+.5', ['number 1.5e-3', 'symbol +', 'number .5']],
    ['größe$1', ['word größe$1']],
    ['$1', ['symbol $', 'number 1']],
  ])('%s', (sql, expected) => {
    expect(kinds(sql)).toEqual(expected);
  });

  it.each(["'never", "'never\\'", '"never', '/* never /* ever */', '$$never', '$a$never$$'])(
    'knows that %s has no end',
    (sql) => {
      expect(tokenize(sql).at(-1)?.open).toBe(true);
    },
  );

  it('gives back what was quoted', () => {
    const onlyToken = (sql: string) => tokenize(sql)[0]!;
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(nameOf(onlyToken(quoteName(text)))).toBe(text.toLowerCase());
        expect(stringOf(tokenize(quoteString(text))[1]!)).toBe(text);
      }),
    );
  });
});

describe('a text of several statements', () => {
  it('is split at semicolons, not at those in literals, names and comments', () => {
    expect(splitStatements(`SELECT ';'; -- a;b\nSELECT ";" /* ; */ FROM $$;$$;; ;`)).toEqual([
      "SELECT ';'",
      '-- a;b\nSELECT ";" /* ; */ FROM $$;$$',
    ]);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type NameScope, qualifyNames, qualifySql } from '../../../src/simulator/plane/names.ts';
import { type Token, tokenize } from '../../../src/simulator/plane/tokens.ts';

/** A database `dev` with the schemas `public` and `sales`, and another one, `airline`, with a schema `public`. */
const scope: NameScope = {
  schema: (name, database) => {
    if (database === undefined) return ({ public: 'P', sales: 'S' } as Record<string, string>)[name];
    return `${database}.${name}` === 'airline.public'
      ? 'A'
      : database === 'dev'
        ? scope.schema(name, undefined, false)
        : undefined;
  },
};

const qualified = (sql: string) => qualifySql(tokenize(sql), scope);

describe('names in a statement', () => {
  it.each([
    // relations
    ['SELECT * FROM public.t', 'SELECT * FROM "P"."t"'],
    ['select * from Public.T x', 'select * from "P"."t" x'],
    ['SELECT * FROM "public"."T"', 'SELECT * FROM "P"."t"'],
    ['SELECT * FROM airline.public.t', 'SELECT * FROM "A"."t"'],
    ['SELECT * FROM public . t', 'SELECT * FROM "P"."t"'],
    ['SELECT * FROM t', 'SELECT * FROM t'],
    ['SELECT * FROM public.a, sales.b c, public.d', 'SELECT * FROM "P"."a", "S"."b" c, "P"."d"'],
    [
      'SELECT * FROM public.a JOIN sales.b ON a.x = b.x, public.c',
      'SELECT * FROM "P"."a" JOIN "S"."b" ON a.x = b.x, "P"."c"',
    ],
    ['SELECT * FROM (public.a x JOIN sales.b USING (id))', 'SELECT * FROM ("P"."a" x JOIN "S"."b" USING (id))'],
    [
      'SELECT * FROM (SELECT a, public.b FROM sales.c) AS d, public.e',
      'SELECT * FROM (SELECT a, public.b FROM "S"."c") AS d, "P"."e"',
    ],
    [
      'WITH x AS (SELECT 1 FROM public.a) SELECT * FROM x, sales.b',
      'WITH x AS (SELECT 1 FROM "P"."a") SELECT * FROM x, "S"."b"',
    ],
    ['SELECT 1 WHERE EXISTS (SELECT 1 FROM sales.b)', 'SELECT 1 WHERE EXISTS (SELECT 1 FROM "S"."b")'],
    [
      'SELECT 1 FROM public.a UNION SELECT 2 FROM sales.b ORDER BY 1, 2',
      'SELECT 1 FROM "P"."a" UNION SELECT 2 FROM "S"."b" ORDER BY 1, 2',
    ],
    // what is changed
    ['INSERT INTO sales.b (public, t) SELECT * FROM public.a', 'INSERT INTO "S"."b" (public, t) SELECT * FROM "P"."a"'],
    [
      'UPDATE sales.b SET x = a.y FROM public.a WHERE a.id = b.id',
      'UPDATE "S"."b" SET x = a.y FROM "P"."a" WHERE a.id = b.id',
    ],
    ['DELETE FROM sales.b USING public.a WHERE a.id = b.id', 'DELETE FROM "S"."b" USING "P"."a" WHERE a.id = b.id'],
    ['MERGE INTO sales.b USING public.a ON a.id = b.id', 'MERGE INTO "S"."b" USING "P"."a" ON a.id = b.id'],
    ['TRUNCATE sales.b', 'TRUNCATE "S"."b"'],
    ['TRUNCATE TABLE sales.b', 'TRUNCATE TABLE "S"."b"'],
    ['CREATE TABLE IF NOT EXISTS sales.b (id int)', 'CREATE TABLE IF NOT EXISTS "S"."b" (id int)'],
    ['CREATE TABLE sales.b AS SELECT * FROM public.a', 'CREATE TABLE "S"."b" AS SELECT * FROM "P"."a"'],
    ['CREATE TABLE b (LIKE public.a)', 'CREATE TABLE b (LIKE "P"."a")'],
    ['DROP TABLE IF EXISTS sales.a, public.b CASCADE', 'DROP TABLE IF EXISTS "S"."a", "P"."b" CASCADE'],
    ['CREATE OR REPLACE VIEW sales.v AS SELECT 1', 'CREATE OR REPLACE VIEW "S"."v" AS SELECT 1'],
    ['REFRESH MATERIALIZED VIEW sales.v', 'REFRESH MATERIALIZED VIEW "S"."v"'],
    ['ALTER TABLE sales.b ADD COLUMN public int', 'ALTER TABLE "S"."b" ADD COLUMN public int'],
    ['ANALYZE sales.b', 'ANALYZE "S"."b"'],
    ['COMMENT ON TABLE sales.b IS $$FROM public.t$$', 'COMMENT ON TABLE "S"."b" IS $$FROM public.t$$'],
    // schemas and grants
    ['GRANT SELECT ON sales.a, public.b TO x', 'GRANT SELECT ON "S"."a", "P"."b" TO x'],
    ['GRANT SELECT ON ALL TABLES IN SCHEMA sales, public TO x', 'GRANT SELECT ON ALL TABLES IN SCHEMA "S", "P" TO x'],
    ['GRANT USAGE ON SCHEMA sales TO x', 'GRANT USAGE ON SCHEMA "S" TO x'],
    ['REVOKE CREATE ON SCHEMA public FROM PUBLIC', 'REVOKE CREATE ON SCHEMA "P" FROM PUBLIC'],
    [
      'ALTER DEFAULT PRIVILEGES IN SCHEMA sales GRANT SELECT ON TABLES TO x',
      'ALTER DEFAULT PRIVILEGES IN SCHEMA "S" GRANT SELECT ON TABLES TO x',
    ],
    // columns and functions
    ['SELECT public.t.id, t.* FROM public.t', 'SELECT "P"."t"."id", t.* FROM "P"."t"'],
    ['SELECT public.t.* FROM public.t', 'SELECT "P"."t".* FROM "P"."t"'],
    ['SELECT airline.public.t.id FROM airline.public.t', 'SELECT "A"."t"."id" FROM "A"."t"'],
    ['SELECT sales.f(1), f(2)', 'SELECT "S"."f"(1), f(2)'],
    ['CALL sales.p()', 'CALL "S"."p"()'],
    ['SELECT public.id FROM sales.t AS public', 'SELECT public.id FROM "S"."t" AS public'],
    // FROM that begins no list of relations
    ['SELECT EXTRACT(year FROM public.d) FROM public.t', 'SELECT EXTRACT(year FROM public.d) FROM "P"."t"'],
    ["SELECT TRIM(BOTH 'x' FROM sales.c) FROM sales.t sales", `SELECT TRIM(BOTH 'x' FROM sales.c) FROM "S"."t" sales`],
    ['SELECT a IS NOT DISTINCT FROM public.x FROM public.t', 'SELECT a IS NOT DISTINCT FROM public.x FROM "P"."t"'],
    // words that are names elsewhere
    ['SELECT schema, "table", view FROM sales.tables', 'SELECT schema, "table", view FROM "S"."tables"'],
  ])('%s', (sql, expected) => {
    expect(qualified(sql)).toBe(expected);
  });

  it('of a schema that is not there are left for Postgres to refuse, those of another database are refused', () => {
    expect(qualified('SELECT * FROM nowhere.t')).toBe('SELECT * FROM nowhere.t');
    expect(() => qualified('SELECT * FROM airline.nowhere.t')).toThrow('schema "nowhere" does not exist');
    expect(() => qualified('GRANT USAGE ON SCHEMA nowhere TO x')).toThrow('schema "nowhere" does not exist');
  });

  it.each(['SELECT * FROM "~s1".t', 'SELECT "~s1"."T".c', 'DROP TABLE "~S1".t'])(
    'never reach behind the curtain: %s',
    (sql) => {
      expect(() => qualified(sql)).toThrow('invalid name');
    },
  );

  it('are told apart by what may be changed', () => {
    const asked: string[] = [];
    const spy: NameScope = {
      schema: (name, _, write) => {
        asked.push(`${name} ${write ? 'written' : 'read'}`);
        return 'X';
      },
    };
    qualifySql(tokenize('INSERT INTO a.t SELECT b.f(1) FROM c.u JOIN d.v USING (x)'), spy);
    qualifySql(tokenize('DELETE FROM e.t USING f.u'), spy);
    expect(asked).toEqual(['a written', 'b read', 'c read', 'd read', 'e written', 'f read']);
  });
});

describe('rewriting', () => {
  const same = (kind: Token['kind'], tokens: readonly Token[]) =>
    tokens.filter((token) => token.kind === kind).map(({ text }) => text);
  const piece = fc.oneof(
    fc.constantFrom(
      'SELECT',
      'FROM',
      'JOIN',
      'INSERT INTO',
      'ON',
      '(',
      ')',
      ',',
      ';',
      'public.t',
      'airline.public.t',
      'sales',
      '.',
      'x',
      'AS',
      'GRANT',
      'SCHEMA public',
      '*',
    ),
    fc.string().map((text) => `'${text.replace(/[\\']/g, '')} FROM public.t'`),
    fc.string().map((text) => `/*${text.replace(/[*/]/g, '')} FROM public.t*/`),
    fc.constantFrom('-- FROM public.t\n', '$$ FROM public.t $$', '$q$;$q$', '1.5', ':p'),
  );

  it('leaves literals, comments and numbers as they are, in their order', () => {
    const anything: NameScope = { schema: () => 'X' };
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const before = tokenize(pieces.join(' '));
        const after = qualifyNames(before, anything);
        for (const kind of ['string', 'comment', 'number', 'parameter'] as const)
          expect(same(kind, after)).toEqual(same(kind, before));
      }),
    );
  });

  it('changes nothing where there are no schemas but the case of quoted names', () => {
    const nothing: NameScope = { schema: () => undefined };
    const words = fc.constantFrom('SELECT', 'FROM', 'a', 'b.c', '"Ä b".d', 'WHERE', "'x'", '=', '(', ')', ',');
    fc.assert(
      fc.property(fc.array(words), (pieces) => {
        const sql = pieces.join(' ');
        expect(qualifySql(tokenize(sql), nothing)).toBe(sql.replaceAll('"Ä b"', '"ä b"'));
      }),
    );
  });
});

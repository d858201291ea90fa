/** What the simulated warehouses refuse: what Redshift has not, and what the simulator has no way to do. */
import { notSimulated, SqlError, syntaxError } from './sql-error.ts';
import { wordAt, wordOf } from './token-runs.ts';
import { nameOf, type Token } from './tokens.ts';

/** Statements that would hang the engine, escape from its roles, or read what only AWS has. */
export function refuse(code: readonly Token[], head: string): void {
  const [second, third] = [wordAt(code, 1), wordAt(code, 2)];
  if (head === 'copy' || head === 'unload') throw notSimulated(`${head.toUpperCase()} (it needs Amazon S3)`);
  if (
    /^(do|listen|notify|unlisten|load|checkpoint|discard|prepare|execute|deallocate|declare|fetch|move|cluster|reindex|security|import)$/.test(
      head,
    )
  )
    throw notSimulated(head.toUpperCase());
  // F-710
  const returning =
    /^(insert|update|delete|merge|with)$/.test(head) && code.find((token) => wordOf(token) === 'returning');
  if (returning) throw syntaxError(returning.text);
  if (head === 'reset' && /^(role|session|all)$/.test(second)) throw notSimulated(`RESET ${second.toUpperCase()}`);
  if (head === 'set' && (second === 'role' || third === 'role')) throw notSimulated('SET ROLE');
  if (head === 'set' && (second === 'session' || third === 'session')) throw notSimulated('SET SESSION AUTHORIZATION');
  if (head === 'create' && second === 'external' && third === 'table') throw notSimulated('CREATE EXTERNAL TABLE');
  if (
    head === 'create' &&
    /^(extension|server|tablespace|subscription|publication|foreign|event|rule|trigger|cast|type|domain|operator|collation|access|index|sequence|unique)$/.test(
      second,
    )
  )
    throw new SqlError('0A000', `CREATE ${second.toUpperCase()} is not supported`);
  if (/^(insert|update|delete|merge|create)$/.test(head) && code.some((_, at) => isLeaderFunction(code, at)))
    throw new SqlError(
      '0A000',
      'Specified types or functions (one per INFO message) not supported on Redshift tables.',
    );
  const made = code.map(wordOf).find((word) => !/^(create|alter|or|replace)$/.test(word));
  if (/^(create|alter)$/.test(head) && /^(function|procedure)$/.test(made ?? '') && code.some(isSet))
    throw notSimulated('a function with settings of its own');
  if (head === 'alter' && /^(system|server|extension|foreign|role)$/.test(second))
    throw notSimulated(`ALTER ${second.toUpperCase()}`);
}

/** A function with settings of its own could give itself a role. */
const isSet = (token: Token) => wordOf(token) === 'set';

/** Functions of the leader node, which never touch what is in tables (F-432). */
const isLeaderFunction = (code: readonly Token[], at: number) =>
  /^(now|generate_series|generate_subscripts|timeofday)$/.test(wordAt(code, at)) && code[at + 1]?.text === '(';

/** Types that Postgres has and Redshift has not (F-433). */
const foreignTypes =
  /^(serial|bigserial|smallserial|json|jsonb|uuid|bytea|money|xml|bit|inet|cidr|macaddr|point|line|box|path|polygon|circle|tsvector|tsquery|oid)$/;

export function refuseType(column: readonly Token[]): void {
  const type = wordAt(column, 1);
  const [name] = column;
  if (name && foreignTypes.test(type))
    throw new SqlError('0A000', `Column "${nameOf(name)}" has unsupported type "${type}".`);
}

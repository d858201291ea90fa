/**
 * Puts physical names in the place of `schema.table`, `database.schema.table` and their columns and functions.
 * Unqualified names stay: the search path finds them.
 *
 * N1. Only words and quoted names change, never a literal, a comment or a space.
 * N2. Quoted names are folded to lower case, as Redshift does by default (F-410).
 */
import { SqlError } from './sql-error.ts';
import { isCode, joinTokens, nameOf, quoteName, type Token } from './tokens.ts';

export interface NameScope {
  /**
   * The physical schema behind a name. Undefined when there is none in this database. Throws `SqlError` for a database
   * that does not exist or may not be used; `write` says that what is named is going to be changed.
   */
  schema(name: string, database: string | undefined, write: boolean): string | undefined;
  /** Told of each qualified relation, by its physical schema; may answer another schema that shows it instead. */
  relation?(physical: string, table: string): string | undefined;
  /** The physical schema of a table or view that is made without saying where; the search path decides if there is none. */
  readonly made?: string | undefined;
  /** Whether the text is a routine's body, where SELECT INTO names a variable. */
  readonly inRoutine?: boolean;
}

type Want = 'relation' | 'target' | 'schema' | undefined;

interface Frame {
  /** The word before the parenthesis, e.g. `extract`. */
  readonly opener: string;
  /** What a comma at this depth lets expect: `FROM a, b`. */
  list: Want;
}

/** Words after which a relation is named, in any statement. */
const beforeRelation = new Set(['from', 'join', 'references']);
/** Words after which the relation that is changed is named. */
const beforeTarget = new Set(['table', 'view', 'truncate', 'analyze', 'lock']);
/** Statements in which those words are keywords and not columns. */
const definitions = new Set('create drop alter truncate grant revoke analyze comment refresh lock'.split(' '));
/** Words that may stand between. */
const fillers = new Set(
  'only lateral if not exists table view schema all tables functions procedures in function procedure'.split(' '),
);
/** Words that end a list of relations. */
const enders = new Set(
  'where group order having limit offset union intersect except minus set values select returning to qualify'.split(
    ' ',
  ),
);
/** Words after which no relation comes, within a list that may go on. */
const pauses = new Set('on using when with as'.split(' '));
/** Words of a procedure after which a statement begins. */
const beforeStatement = new Set(['begin', 'then', 'else', 'loop']);
/** Statements that name something in a way of their own; the same words never follow THEN in a CASE. */
const statements = new Set(
  'insert update delete merge truncate analyze create drop alter grant revoke lock'.split(' '),
);
/** Functions whose arguments are separated by FROM. */
const fromInside = new Set(['extract', 'substring', 'trim', 'overlay', 'position', 'btrim']);
/** Statements that name several relations after TABLE or ON. */
const lists = new Set(['drop', 'truncate', 'grant', 'revoke']);

/** The statement with physical names. */
export function qualifyNames(tokens: readonly Token[], scope: NameScope): Token[] {
  const output = tokens.map((token) =>
    token.kind === 'quoted' ? { ...token, text: quoteName(nameOf(token)) } : token,
  );
  new Walk(tokens, output, scope).run();
  return output;
}

/** Goes through the code tokens once, knowing what kind of name may come next. */
class Walk {
  readonly #code: readonly number[];
  readonly #tokens: readonly Token[];
  readonly #output: Token[];
  readonly #scope: NameScope;
  #head = '';
  #frames: Frame[] = [];
  #want: Want;
  /** Whether the target that is wanted comes into being by the statement. */
  #makes = false;

  constructor(tokens: readonly Token[], output: Token[], scope: NameScope) {
    this.#tokens = tokens;
    this.#output = output;
    this.#scope = scope;
    this.#code = tokens.flatMap((token, index) => (isCode(token) ? [index] : []));
    this.#begin(0);
  }

  run(): void {
    for (let at = 0; at < this.#code.length; ) at = this.#step(at);
  }

  /** Handles what starts at code token `at` and answers where the next one starts. */
  #step(at: number): number {
    const token = this.#token(at);
    if (token?.kind === 'symbol') this.#symbol(at, token.text);
    else if (token?.kind === 'word' || token?.kind === 'quoted') return this.#nameOrKeyword(at);
    return at + 1;
  }

  /** A statement begins: the only one, or one of a procedure's. */
  #begin(at: number): void {
    this.#head = this.#word(at);
    this.#frames = [{ opener: '', list: undefined }];
    this.#want = undefined;
  }

  #symbol(at: number, text: string): void {
    if (text === ';') this.#begin(at + 1);
    else if (text === '(') this.#frames.push({ opener: this.#word(at - 1), list: undefined });
    else if (text === ')') this.#close();
    else if (text === ',') this.#want = this.#frame.list;
  }

  #close(): void {
    if (this.#frames.length > 1) this.#frames.pop();
    this.#want = undefined;
  }

  get #frame(): Frame {
    return this.#frames.at(-1) as Frame;
  }

  #nameOrKeyword(at: number): number {
    const length = this.#chainLength(at);
    const word = length === 1 ? this.#word(at) : '';
    if (word !== '' && this.#keyword(at, word)) return at + 1;
    this.#chain(at, length);
    this.#want = undefined;
    return at + length * 2 - 1;
  }

  /** True when the word is a keyword here; what it lets expect is noted. */
  #keyword(at: number, word: string): boolean {
    if (this.#want !== undefined && fillers.has(word) && !this.#isNameHere(at)) this.#fill(word);
    else if (word === 'schema' && this.#namesSchemas) this.#expect('schema', lists.has(this.#head));
    else if (this.#namesTarget(at, word)) this.#expectTarget(at, word);
    else if (beforeRelation.has(word) || this.#isTemplate(at, word)) this.#relationWord(at, word);
    else if (beforeStatement.has(word) && statements.has(this.#word(at + 1))) this.#begin(at + 1);
    else if (enders.has(word)) this.#expect(undefined, true);
    else if (pauses.has(word))
      this.#want = word === 'using' && /^(delete|merge)$/.test(this.#head) ? 'relation' : undefined;
    else return false;
    return true;
  }

  #fill(word: string): void {
    if (word === 'schema' && this.#namesSchemas) this.#expect('schema', true);
  }

  /** Elsewhere a schema is no more than a column of that name; what makes and drops schemas does not come here. */
  get #namesSchemas(): boolean {
    return /^(grant|revoke|comment)$/.test(this.#head) || (this.#head === 'alter' && this.#word(1) === 'default');
  }

  /** `CREATE TABLE t (LIKE s.other)` */
  #isTemplate(at: number, word: string): boolean {
    return word === 'like' && this.#head === 'create' && this.#token(at - 1)?.text === '(';
  }

  #namesTarget(at: number, word: string): boolean {
    if (word === 'into') return true;
    if (word === 'update') return this.#head === 'update' || /^(explain|verbose)$/.test(this.#word(at - 1));
    if (word === 'on') return /^(grant|revoke)$/.test(this.#head) || this.#isObjectOn(at);
    return beforeTarget.has(word) && definitions.has(this.#head);
  }

  /** Whether what is named next comes into being; what is temporary finds its place by itself. */
  #isMade(at: number, word: string): boolean {
    const before = this.#word(at - 1);
    if (word !== 'into') return this.#head === 'create' && !/^temp(orary)?$/.test(before);
    const selects = /^(select|with)$/.test(this.#head) && !/^(insert|merge)$/.test(before);
    return selects && this.#scope.inRoutine !== true;
  }

  #relationWord(at: number, word: string): void {
    if (word === 'from' && !this.#isFromClause(at)) return;
    const target = word === 'from' && this.#word(at - 1) === 'delete';
    if (word === 'from') this.#expect(target ? 'target' : 'relation', true);
    else this.#want = 'relation';
  }

  #expect(want: Want, list: boolean): void {
    this.#want = want;
    this.#frame.list = list ? want : undefined;
  }

  #expectTarget(at: number, word: string): void {
    this.#makes = this.#isMade(at, word);
    this.#expect('target', lists.has(this.#head));
  }

  #isFromClause(at: number): boolean {
    if (fromInside.has(this.#frame.opener)) return false;
    if (this.#head === 'revoke' && this.#frames.length === 1) return false;
    return !(this.#word(at - 1) === 'distinct' && /^(is|not)$/.test(this.#word(at - 2)));
  }

  #isObjectOn(at: number): boolean {
    return this.#head === 'comment' ? at === 1 : this.#head === 'create' && /^(index|unique)$/.test(this.#word(1));
  }

  /** A filler before what can only follow a name is a name itself: `FROM tables, …`. */
  #isNameHere(at: number): boolean {
    const next = this.#token(at + 1);
    return next === undefined || (next.kind === 'symbol' && next.text !== '(');
  }

  /** How many names `a.b.c` has from here. */
  #chainLength(at: number): number {
    let length = 1;
    while (this.#token(at + length * 2 - 1)?.text === '.' && isName(this.#token(at + length * 2))) length++;
    return length;
  }

  #chain(at: number, length: number): void {
    const names = Array.from({ length }, (_, n) => nameOf(this.#token(at + n * 2) as Token));
    for (const name of names) if (name.startsWith('~')) throw new SqlError('42602', `invalid name "${name}"`);
    if (this.#want === 'schema') this.#putSchema(at, names);
    else if (this.#want !== undefined) this.#putRelation(at, names);
    else this.#putExpression(at, names);
  }

  #putSchema(at: number, names: readonly string[]): void {
    const [name, nested] = names;
    const physical = nested === undefined ? this.#find(name, undefined) : this.#find(nested, name);
    if (physical === undefined) throw new SqlError('3F000', `schema "${names.join('.')}" does not exist`);
    this.#put(at, names.length, [physical]);
  }

  #putRelation(at: number, names: readonly string[]): void {
    if (names.length < 2) {
      const { made } = this.#scope;
      if (made !== undefined && this.#want === 'target' && this.#makes) this.#put(at, 1, [made, ...names]);
      return;
    }
    const [schema, database] = names.length === 2 ? [names[0]] : [names[1], names[0]];
    const physical = this.#find(schema, database);
    if (physical === undefined && database !== undefined)
      throw new SqlError('3F000', `schema "${schema}" does not exist`);
    if (physical === undefined) return;
    const table = names.at(-1) as string;
    this.#put(at, names.length, [this.#scope.relation?.(physical, table) ?? physical, table]);
  }

  /** `schema.function(`, `schema.table.column`, `database.schema.table.column`; `alias.column` stays. */
  #putExpression(at: number, names: readonly string[]): void {
    const last = at + names.length * 2 - 1;
    const call = this.#token(last)?.text === '(';
    const star = this.#token(last)?.text === '.' && this.#token(last + 1)?.text === '*';
    const parts = names.length + (star ? 1 : 0);
    if (parts === 4) this.#putColumn(at, names, names[1], names[0], names.slice(2));
    else if (parts === 3 || (parts === 2 && call)) this.#putColumn(at, names, names[0], undefined, names.slice(1));
  }

  #putColumn(
    at: number,
    names: readonly string[],
    schema: string | undefined,
    database: string | undefined,
    rest: readonly string[],
  ): void {
    const physical = this.#find(schema, database);
    if (physical !== undefined) this.#put(at, names.length, [physical, ...rest]);
  }

  #find(schema: string | undefined, database: string | undefined): string | undefined {
    return schema === undefined ? undefined : this.#scope.schema(schema, database, this.#want === 'target');
  }

  /** Writes `parts` over the first tokens of a chain and empties the rest of it, dots and spaces between included. */
  #put(at: number, length: number, parts: readonly string[]): void {
    const first = this.#code[at] as number;
    const last = this.#code[at + length * 2 - 2] as number;
    for (let i = first; i <= last; i++) {
      const token = this.#tokens[i] as Token;
      this.#output[i] = token.kind === 'comment' ? token : { kind: 'space', text: '' };
    }
    this.#output[first] = { kind: 'quoted', text: parts.map(quoteName).join('.') };
  }

  #token(at: number): Token | undefined {
    const index = this.#code[at];
    return index === undefined ? undefined : this.#tokens[index];
  }

  #word(at: number): string {
    const token = at < 0 ? undefined : this.#token(at);
    return token?.kind === 'word' ? token.text.toLowerCase() : '';
  }
}

const isName = (token: Token | undefined) => token?.kind === 'word' || token?.kind === 'quoted';

export const qualifySql = (tokens: readonly Token[], scope: NameScope) => joinTokens(qualifyNames(tokens, scope));

/**
 * The one Postgres of this process, and whose rows are in it. Worlds take turns: whoever comes next finds what its own
 * journal says, made again from nothing where another world was in between or Postgres was lost.
 */
import { RealClock } from '../../shared/clock.ts';
import { type Catalog, type JournalEntry, rememberCatalog, restoreCatalog } from './catalog.ts';
import { type Binding, Engine, type EngineResult, type PreparedResult, type Run, type Turn } from './engine.ts';

/** Ours all begin with `~`: whatever stands from another world goes. */
const emptyAll = `DO $empty$ DECLARE names text; BEGIN
  SELECT string_agg(format('%I', nspname), ', ') INTO names FROM pg_catalog.pg_namespace WHERE nspname LIKE '~%';
  IF names IS NOT NULL THEN EXECUTE 'DROP SCHEMA ' || names || ' CASCADE'; END IF;
  SELECT string_agg(format('%I', rolname), ', ') INTO names FROM pg_catalog.pg_roles WHERE rolname LIKE '~%';
  IF names IS NOT NULL THEN EXECUTE 'DROP ROLE ' || names; END IF;
END $empty$`;

/** Sequences forget nothing in a rollback, so that rows would be numbered otherwise when the journal is played again. */
const rollback = "ROLLBACK; SELECT 1 FROM pg_catalog.pg_class WHERE relkind = 'S' LIMIT 1";

/** How long Postgres is kept when nobody needs it any more (real ms): the next simulator is often a moment away. */
const keptForMs = 10_000;

const engine = new Engine({});
const clock = new RealClock();
const users = new Set<object>();

/** The start of Postgres in which something was played, if there was one. */
let usedStart = 0;
/** The journal that was played there, as far as it is known. */
let content: JournalEntry[] | undefined;

/** Tells that a data plane may need Postgres. */
export function enter(user: object): void {
  users.add(user);
}

/** Postgres ends some time after the last data plane that may need it; it never keeps the process alive. */
export function leave(user: object): void {
  if (!users.delete(user) || users.size > 0) return;
  void clock.sleep(keptForMs, { background: true }).then(() => (users.size === 0 ? engine.close() : undefined));
}

/** Resolves when the open sessions that have asked for Postgres are done with it; undefined where there are none. */
export const free = (): Promise<void> | undefined => engine.free();

export interface Room {
  /** Runs what only reads and keeps nothing; Postgres itself refuses anything else. */
  read(entry: JournalEntry): Promise<readonly EngineResult[]>;
  /** Runs or, without a binding, describes a prepared statement that only reads and keeps nothing. */
  readPrepared(entry: JournalEntry, statement: PreparedStatement): Promise<PreparedResult>;
  /** Runs what changes something, after what `later` kept, and keeps it in the journal. Only within `atomically`. */
  change(entry: JournalEntry): Promise<readonly EngineResult[]>;
  /** Runs what was kept for later. Only within `atomically`. */
  catchUp(): Promise<void>;
  /** All that `body` changes, or nothing of it: in Postgres and in the journal. */
  atomically<T>(body: () => Promise<T>): Promise<T>;
}

export interface PreparedStatement {
  /** Types of the parameters, 0 where Postgres is to infer it. */
  readonly types: readonly number[];
  readonly binding?: Binding | undefined;
}

/** Gives Postgres, with what `catalog` says in it, to `body` alone. */
export function withRoom<T>(catalog: Catalog, body: (room: Room) => Promise<T>, turn: Turn = {}): Promise<T> {
  return engine.exclusive(async (run) => {
    await moveIn(catalog.journal, run);
    return body(roomFor(catalog, run));
  }, turn);
}

/**
 * Gives Postgres to `body` alone, for a transaction that others can watch being open: what it changes is in a draft of
 * the catalog, and in the catalog itself once `body` has come to its end; not if it fails.
 */
export function withDraft(
  catalog: Catalog,
  body: (room: Room, draft: Catalog) => Promise<void>,
  turn: Turn = {},
): Promise<void> {
  return engine.exclusive(async (run) => {
    await moveIn(catalog.journal, run);
    const draft: Catalog = { ...rememberCatalog(catalog), journal: [...catalog.journal] };
    const room = roomFor(draft, run);
    await room.atomically(() => body(room, draft));
    restoreCatalog(catalog, draft);
    catalog.journal = draft.journal;
  }, turn);
}

/** Ends the statement that runs for `owner`, with the Postgres it runs in. */
export const interrupt = (owner: object): Promise<void> => engine.interrupt(owner);

function roomFor({ journal }: Catalog, run: Run): Room {
  const catchUp = () => playRest(journal, run);
  let inside = false;
  return {
    read: (entry) => (inside ? readInside(run, entry) : run(readOnly(entry))),
    readPrepared: async (entry, statement) => {
      const shoes = `SET LOCAL transaction_read_only = on; ${shoesOf(entry)}`;
      const [before, after] = inside
        ? [`SAVEPOINT look; ${shoes}`, 'ROLLBACK TO SAVEPOINT look; RELEASE SAVEPOINT look']
        : [`BEGIN; ${shoes}`, 'ROLLBACK'];
      return run.prepared({ ...statement, sql: entry.sql, before, after });
    },
    catchUp,
    change: async (entry) => {
      await catchUp();
      const results = await run(textOf(entry));
      journal.push(entry);
      content?.push(entry);
      return results;
    },
    atomically: async (body) => {
      const length = journal.length;
      await run('BEGIN');
      inside = true;
      try {
        const answer = await body();
        await run('COMMIT');
        return answer;
      } catch (error) {
        journal.length = length;
        const undone = await undo(run);
        if (content) content.length = length;
        if (!undone) content = undefined;
        throw error;
      } finally {
        inside = false;
      }
    },
  };
}

const readOnly = (entry: JournalEntry) => `SET LOCAL transaction_read_only = on; ${textOf(entry)}`;

/** What a transaction may do again afterwards is undone with the savepoint. */
async function readInside(run: Run, entry: JournalEntry): Promise<readonly EngineResult[]> {
  const results = await run(`SAVEPOINT look; ${readOnly(entry)}`);
  await run('ROLLBACK TO SAVEPOINT look; RELEASE SAVEPOINT look');
  return results;
}

/** Whether what is in Postgres is what was in it before; whoever comes next starts from nothing otherwise. */
async function undo(run: Run): Promise<boolean> {
  try {
    const rows = (await run(rollback)).at(-1)?.rows ?? [];
    return rows.length === 0;
  } catch {
    return false;
  }
}

/** Where the journal goes on from what is in Postgres, only the rest is played: a world that was saved and loaded. */
async function moveIn(journal: readonly JournalEntry[], run: Run): Promise<void> {
  const start = await engine.started();
  const fresh = start !== usedStart;
  const stays = !fresh && content !== undefined && isBeginning(content, journal);
  if (!stays) {
    content = undefined;
    usedStart = start;
    if (!fresh) await run(emptyAll);
    content = [];
  }
  await playRest(journal, run);
}

const isBeginning = (played: readonly JournalEntry[], journal: readonly JournalEntry[]) =>
  played.length <= journal.length && played.every((entry, at) => isSame(entry, journal[at]));

const isSame = (one: JournalEntry, other: JournalEntry | undefined) =>
  one === other || (one.sql === other?.sql && one.as === other.as);

async function playRest(journal: readonly JournalEntry[], run: Run): Promise<void> {
  const rest = journal.slice(content?.length ?? 0);
  if (rest.length === 0) return;
  const played = content;
  content = undefined;
  await run(rest.map(textOf).join(';\n'));
  played?.push(...rest);
  content = played;
}

/** Each entry says itself as whom it runs: what the one before has set is not to be relied on. */
const textOf = (entry: JournalEntry) => `${shoesOf(entry)}; ${entry.sql}`;

const shoesOf = ({ as }: JournalEntry) =>
  ['SET LOCAL ROLE none', 'SET LOCAL search_path = pg_catalog', ...(as === '' ? [] : [as])].join('; ');

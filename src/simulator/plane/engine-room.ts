/**
 * The one Postgres of this process, and whose rows are in it. Worlds take turns: whoever comes next finds what its own
 * journal says, made again from nothing where another world was in between or Postgres was lost.
 */
import type { Catalog, JournalEntry } from './catalog.ts';
import { Engine, type EngineResult, type Run } from './engine.ts';

/** Ours all begin with `~`: whatever stands from another world goes. */
const emptyAll = `RESET ROLE; DO $empty$ DECLARE one text; BEGIN
  FOR one IN SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname LIKE '~%' LOOP EXECUTE format('DROP SCHEMA %I CASCADE', one); END LOOP;
  FOR one IN SELECT rolname FROM pg_catalog.pg_roles WHERE rolname LIKE '~%' LOOP EXECUTE format('DROP OWNED BY %I CASCADE', one); EXECUTE format('DROP ROLE %I', one); END LOOP;
END $empty$;`;

interface Tenant {
  readonly catalog: Catalog;
  /** Which start of Postgres holds it: after another one nothing of it is there. */
  readonly start: number;
  /** How many entries of the journal are in Postgres. */
  applied: number;
}

const engine = new Engine({});
const users = new Set<object>();
let tenant: Tenant | undefined;

/** Tells that a data plane may need Postgres. */
export function enter(user: object): void {
  users.add(user);
}

/** Postgres ends with the last data plane that may need it. */
export async function leave(user: object): Promise<void> {
  if (!users.delete(user) || users.size > 0) return;
  tenant = undefined;
  await engine.close();
}

export interface Room {
  /** Runs and keeps nothing: for what only reads. */
  read(entry: JournalEntry): Promise<readonly EngineResult[]>;
  /** Runs what changes something, after what `later` kept, and keeps it in the journal. Only within `atomically`. */
  change(entry: JournalEntry): Promise<readonly EngineResult[]>;
  /** Runs what was kept for later. Only within `atomically`. */
  catchUp(): Promise<void>;
  /** All that `body` changes, or nothing of it: in Postgres and in the journal. */
  atomically<T>(body: () => Promise<T>): Promise<T>;
}

/** Gives Postgres, with what `catalog` says in it, to `body` alone. */
export function withRoom<T>(catalog: Catalog, body: (room: Room) => Promise<T>, limitMs?: number): Promise<T> {
  return engine.exclusive(async (run) => body(roomFor(await moveIn(catalog, run), run)), limitMs);
}

function roomFor(lodger: Tenant, run: Run): Room {
  const { journal } = lodger.catalog;
  const catchUp = () => replay(lodger, run);
  return {
    read: (entry) => play(run, entry),
    catchUp,
    change: async (entry) => {
      await catchUp();
      const results = await play(run, entry);
      journal.push(entry);
      lodger.applied = journal.length;
      return results;
    },
    atomically: async (body) => {
      const length = journal.length;
      await run('RESET ROLE; BEGIN');
      try {
        const answer = await body();
        await run('COMMIT');
        return answer;
      } catch (error) {
        journal.length = length;
        lodger.applied = Math.min(lodger.applied, length);
        await run('ROLLBACK').catch(() => evict());
        throw error;
      }
    },
  };
}

/** Whoever comes next starts from nothing: what is in Postgres is not known. */
function evict(): void {
  tenant = undefined;
}

async function moveIn(catalog: Catalog, run: Run): Promise<Tenant> {
  const stays = engine.running && tenant?.catalog === catalog && tenant.start === engine.starts;
  if (!tenant || !stays || tenant.applied > catalog.journal.length) {
    tenant = undefined;
    await run(emptyAll);
    tenant = { catalog, start: engine.starts, applied: 0 };
  }
  await replay(tenant, run);
  return tenant;
}

async function replay(lodger: Tenant, run: Run): Promise<void> {
  const { journal } = lodger.catalog;
  while (lodger.applied < journal.length) {
    const entry = journal[lodger.applied];
    if (entry) await play(run, entry);
    lodger.applied++;
  }
}

async function play(run: Run, { as, sql }: JournalEntry): Promise<readonly EngineResult[]> {
  await run(as === '' ? 'RESET ROLE' : as);
  return run(sql);
}

/**
 * What SQL makes, as a resource. Looking costs money (it wakes the warehouse), so what was recorded is believed as long
 * as the digest of what is wanted is the recorded one; `--sql`, a lost ledger, a new namespace or a changed wish makes
 * rsds look: one catalog query, then the statements that are missing, so that every statement is safe to repeat.
 */
import { createHash } from 'node:crypto';
import type { ApplyIo, Change, Json, Known, Look, Resource, ResourceId, Settled } from '../../engine/resource.ts';
import type { Clock } from '../../shared/clock.ts';
import { alreadyThere, type DataCalls, lookingIo, type SqlIo, SqlSession, type SqlTarget } from './session.ts';

/** One statement that is missing. `run` may do more than run `sql`, where a statement must be watched. */
export interface Missing {
  /** What it does, without secrets: it is shown, recorded and compared. */
  readonly title: string;
  run(session: SqlSession, io: ApplyIo): Promise<void>;
}

/** The change of a resource of which only SQL can tell what is missing. */
export const lookTitle = 'look by SQL and make what is missing';

/** A statement without secrets: its text says what it does. */
export const statement = (sql: string): Missing => ({ title: sql, run: (session) => session.run(sql, sql) });

export interface SqlSpec {
  readonly id: ResourceId;
  readonly kind: string;
  readonly title: string;
  readonly needs: readonly Resource[];
  /** The workgroup on which it runs. */
  readonly on: string;
  /** Where it runs; undefined while that warehouse is not there or not available. */
  target(known: Known): SqlTarget | undefined;
  /** Everything that decides what is wanted: names, namespace ids, versions. Undefined while something is not there. */
  wanted(known: Known): readonly string[] | undefined;
  /**
   * Looks by SQL and says what is missing, and what is left of a former wish.
   */
  missing(session: SqlSession, known: Known, past: Past): Promise<readonly Missing[]>;
  /** What the ledger keeps of it besides the digest, for `revision` and `missing`. */
  facts?(known: Known): Readonly<Record<string, Json>>;
  /**
   * What the new wish means for what the ledger says was made, so that a plan tells it without SQL.
   * Throws where the wish can't be met.
   */
  revision?(record: Readonly<Record<string, Json>>, known: Known): Revision | undefined;
  /** What can be seen without SQL: false means it is certainly not there, undefined that it can't be told. */
  visible?(look: Look): Promise<boolean | undefined>;
  /** How it is taken away again; without it, it goes with its namespace. */
  remove?: { readonly title: string; run(session: SqlSession, known: Known, io: ApplyIo): Promise<void> };
}

/** What the ledger knows of it. */
export interface Past {
  /** Whether just this was made, which stands for what no catalog shows. */
  readonly recorded: boolean;
  /** What `facts` told when it was last made. */
  readonly record: Readonly<Record<string, Json>>;
}

/** A former wish that goes, in the plan. */
export type Revision = Pick<Change, 'title' | 'interrupts'>;

export interface SqlContext {
  readonly calls: DataCalls;
  readonly clock: Clock;
  /** Digests kept with the environment's lock, for a ledger that was lost or is another checkout's. */
  readonly digests: Readonly<Record<string, string>>;
  /** A random token for a statement that must not run twice. */
  newToken(): string;
}

/** What is known of it: believed from the record, unknown until looked, or looked at. */
export interface SqlSeen {
  readonly state: 'recorded' | 'unknown' | 'looked';
  readonly digest: string;
  readonly missing: readonly Missing[];
  /** What to keep of it once it is made. */
  readonly facts: Readonly<Record<string, Json>>;
  /** What the ledger has of it. */
  readonly record: Readonly<Record<string, Json>>;
}

/** A catalog look that a change made: it holds until the run has made what was missing. */
interface Looked {
  readonly digest: string;
  missing: readonly Missing[];
}

export function sqlResource(spec: SqlSpec, context: SqlContext): Resource<SqlSeen> {
  let looked: Looked | undefined;
  let removed = false;

  const session = (target: SqlTarget, io: SqlIo) => new SqlSession(target, context.calls, io);

  async function observe(look: Look): Promise<SqlSeen | undefined> {
    const wanted = spec.wanted(look);
    if (removed || !wanted) return undefined;
    const digest = digestOf(wanted);
    const record = look.recorded(spec.id) ?? {};
    const base = { digest, record, facts: spec.facts?.(look) ?? {} };
    if (looked?.digest === digest) return { ...base, state: 'looked', missing: looked.missing };
    const recorded = digest === (record.digest ?? context.digests[spec.id]);
    const target = spec.target(look);
    // What SQL made is in the namespace, and outlives a workgroup that was deleted.
    if (!target && (look.sql || !recorded)) return undefined;
    if (target && look.sql) {
      const asked = session(target, lookingIo(context.clock, look.signal));
      looked = { digest, missing: await spec.missing(asked, look, { recorded, record }) };
      return { ...base, state: 'looked', missing: looked.missing };
    }
    const believed = recorded && (await spec.visible?.(look)) !== false;
    return { ...base, state: believed ? 'recorded' : 'unknown', missing: [] };
  }

  function changes(seen: SqlSeen | undefined, known: Known): readonly Change[] {
    if (seen === undefined) return [lookChange(known)];
    if (seen.state === 'recorded') return [];
    if (seen.state === 'unknown') return [lookChange(known, spec.revision?.(seen.record, known))];
    return seen.missing.map((missing) => missingChange(missing, known));
  }

  /** Looking is no mutation, but it costs: it stands in the plan with its price, and runs when the plan is carried out. */
  function lookChange(known: Known, revision: Revision | undefined = undefined): Change {
    return {
      action: 'sql',
      title: lookTitle,
      ...revision,
      wakes: spec.on,
      apply: async (io) => {
        const where = spec.target(known);
        const wanted = spec.wanted(known);
        if (!where || !wanted) return;
        const digest = digestOf(wanted);
        const record = io.recorded() ?? {};
        const recorded = digest === (record.digest ?? context.digests[spec.id]);
        looked = { digest, missing: await spec.missing(session(where, io), known, { recorded, record }) };
      },
    };
  }

  function missingChange(missing: Missing, known: Known): Change {
    return {
      action: 'sql',
      title: missing.title,
      wakes: spec.on,
      apply: async (io) => {
        const where = spec.target(known);
        if (!where) return;
        await disbelieve(io);
        try {
          await missing.run(session(where, io), io);
        } catch (error) {
          if (!alreadyThere(error)) {
            // Whether it happened is open: only another look tells.
            looked = undefined;
            throw error;
          }
        }
        if (looked) looked.missing = looked.missing.filter((other) => other !== missing);
      },
    };
  }

  function removal(_seen: SqlSeen, known: Known): readonly Change[] {
    const { remove } = spec;
    if (!remove) return [];
    const apply = async (io: ApplyIo) => {
      const where = spec.target(known);
      if (where) await remove.run(session(where, io), known, io);
      removed = true;
    };
    return [{ action: 'sql', title: remove.title, wakes: spec.on, apply }];
  }

  return {
    id: spec.id,
    step: 'datashare',
    kind: spec.kind,
    title: spec.title,
    needs: spec.needs,
    usualMs: 20_000,
    observe,
    changes,
    removal,
    settled: (): Settled => ({ is: 'settled', status: 'ready' }),
    remember: ({ digest, facts }) => ({ ...facts, digest }),
  };
}

const digestOf = (wanted: readonly string[]) =>
  createHash('sha256').update(JSON.stringify(wanted)).digest('hex').slice(0, 32);

/** What is being changed is not what was recorded: a run that is stopped half-way must not leave the next one in that belief. */
async function disbelieve(io: ApplyIo): Promise<void> {
  if (io.recorded()?.digest) await io.remember({ digest: '' });
}

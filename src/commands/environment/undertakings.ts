/** What each verb wants: the targets of `up`, `plan`, `scale` and `down`, and what belongs around them. */
import type { Target } from '../../engine/plan.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { buildTargets, type Environment, type LeavingHow } from '../../steps/build.ts';
import type { SqlContext } from '../../steps/datashare/sql-resource.ts';
import { discover } from '../../steps/discover.ts';
import { preflight } from '../../steps/preflight.ts';
import type { FoundNetwork } from '../../steps/vpc/network.ts';
import type { Undertaking } from './carry-out.ts';
import { environmentKey, openLocks } from './locks.ts';
import type { Session } from './session.ts';

/** An undertaking that also tells what it was last built from. */
export interface Build {
  readonly undertaking: Undertaking;
  /** The environment as last built; undefined before the first plan. */
  environment(): Environment | undefined;
}

/** Everything that the configuration describes, and nothing of what it no longer does. */
export function present(
  session: Session,
  options: { sql: boolean; confirm: () => Promise<void>; begin?: () => Promise<void>; drain?: LeavingHow | undefined },
): Build {
  const { desired, aws, context, ledger } = session;
  let latest: Environment | undefined;
  let network: FoundNetwork | undefined;
  const targets = async (): Promise<readonly Target[]> => {
    const [found, digests] = await Promise.all([discover(aws, desired, knownWarehouses(ledger)), keptDigests(session)]);
    network = found.network;
    const { initSql } = desired.config.producer;
    latest = buildTargets(desired, aws, {
      goal: 'present',
      found,
      random: context.random,
      sql: sqlContext(session, digests),
      initSql,
      drain: options.drain,
      recorded: Object.keys(ledger.document().resources),
    });
    return latest.targets;
  };
  const undertaking: Undertaking = {
    targets,
    sql: options.sql,
    preflight: (plan) => preflight({ aws, desired, plan, network }),
    confirm: options.confirm,
    ...(options.begin ? { begin: options.begin } : {}),
  };
  return { undertaking, environment: () => latest };
}

/** Nothing of the environment; its data in a final snapshot first, unless that is refused. Runs no SQL. */
export function absent(session: Session, options: { finalSnapshot: boolean; confirm: () => Promise<void> }): Build {
  const { desired, aws, context, ledger } = session;
  let latest: Environment | undefined;
  const targets = async (): Promise<readonly Target[]> => {
    const found = await discover(aws, desired, knownWarehouses(ledger));
    const finalSnapshot = options.finalSnapshot ? desired.names.finalSnapshot(ledger.document().lineage) : undefined;
    latest = buildTargets(desired, aws, {
      goal: 'absent',
      found,
      random: context.random,
      finalSnapshot,
      sql: sqlContext(session, {}),
      initSql: [],
      recorded: Object.keys(ledger.document().resources),
    });
    return latest.targets;
  };
  const undertaking: Undertaking = {
    targets,
    sql: false,
    confirm: options.confirm,
    // The next life of the environment takes a final snapshot of its own.
    finish: () => ledger.record({ type: 'renewed', lineage: context.random.hex(12) }),
    unfinished: () => Object.keys(ledger.document().resources).length > 0,
  };
  return { undertaking, environment: () => latest };
}

/** Short names of the warehouses whose namespaces the ledger does not have as removed. */
const knownWarehouses = (ledger: Ledger): string[] =>
  Object.entries(ledger.document().resources)
    .filter(([, { state }]) => state !== 'removed')
    .flatMap(([id]) => /^(.+)\/namespace$/.exec(id)?.[1] ?? []);

function sqlContext({ aws, context }: Session, digests: Readonly<Record<string, string>>): SqlContext {
  return {
    calls: aws.data,
    clock: context.clock,
    digests,
    newToken: () => context.random.uuid(),
  };
}

/** Asked for only where the ledger knows of nothing: it has everything that was run through it. */
async function keptDigests(session: Session): Promise<Readonly<Record<string, string>>> {
  if (Object.keys(session.ledger.document().resources).length > 0) return {};
  const { config } = session;
  const record = await openLocks(session).lock.show(environmentKey(config.project, config.environment));
  return record?.data ?? {};
}

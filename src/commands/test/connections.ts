/** Connectivity and balance: new connections, each as far as it gets, and the reader's own look where they tell too little. */
import { type Balance, balanceOf, judgeBalance } from '../../diagnose/connections/balance.ts';
import { consumerOf, type ReaderLook, sharesOf } from '../../diagnose/connections/evidence.ts';
import { judgeConnections } from '../../diagnose/connections/judge.ts';
import type { Finding } from '../../diagnose/finding.ts';
import type { Attempt } from '../../probe/plan.ts';
import { type Bench, lookAgain, type Survey } from './bench.ts';
import { lookAsReader } from './reader-look.ts';

export interface ConnectionTest {
  /** What the control plane showed at the end, where something was amiss; else what it showed before. */
  readonly survey: Survey;
  /** Of connectivity. */
  readonly attempts: readonly Attempt[] | undefined;
  readonly balance: Balance | undefined;
  readonly findings: readonly Finding[];
}

/** Enough that of N consumers one is left out by chance once in four hundred times. */
export const connectionsFor = (consumers: number): number => Math.max(12, 6 * consumers);

/** Real ms: a name, a handshake, a login; on a real account. */
export const layerMs = 5_000;
/** AWS's ms: how long a warehouse that sleeps may take to answer (F-457). */
const wakeMs = 90_000;
const parallel = 24;

/** How long a warehouse may take here, where time may run faster. */
export const wakeMsOn = ({ here }: Pick<Bench, 'here'>): number => Math.max(2_000, wakeMs / here.context.clock.speed);

export async function testConnections(
  bench: Bench,
  wanted: { readonly connectivity: boolean; readonly balance: number | undefined },
): Promise<ConnectionTest> {
  const readers = new Map<string, ReaderLook>();
  const tried = wanted.connectivity ? await tryConnectivity(bench, readers) : [];
  // Where nobody answers, more connections tell nothing more.
  const goOn = tried.length === 0 || tried.some(({ namespaceId }) => namespaceId !== undefined);
  const further = wanted.balance !== undefined && goOn ? await connect(bench, wanted.balance, undefined) : [];
  const attempts = [...tried, ...further];
  await askReaders(bench, attempts, readers);
  // What kept somebody silent may have shown only since the first look.
  const survey = isWell(bench, attempts) ? bench : await lookAgain(bench);
  const { seen, control } = survey;
  const evidence = { seen, control, attempts, vantage: bench.vantage.name, readers };
  const found = judgeConnections(evidence);
  const balance = wanted.balance === undefined ? undefined : balanceOf(seen, further);
  return {
    survey,
    attempts: wanted.connectivity ? tried : undefined,
    balance,
    findings: [...found, ...(balance ? judgeBalance(seen, [...found, ...control], balance) : [])],
  };
}

const isWell = ({ seen }: Survey, attempts: readonly Attempt[]): boolean =>
  attempts.every(({ failed }) => !failed) && sharesOf(seen, attempts).every(({ count }) => count > 0);

async function tryConnectivity(bench: Bench, readers: Map<string, ReaderLook>): Promise<readonly Attempt[]> {
  const tableSql = await findTable(bench, readers);
  return connect(bench, connectionsFor(bench.consumers.length), tableSql);
}

/** The first consumer that lets the reader in tells of a shared table; those before it are known to be at fault. */
export async function findTable(
  bench: Pick<Bench, 'here' | 'target' | 'consumers'>,
  readers: Map<string, ReaderLook>,
): Promise<string | undefined> {
  for (const consumer of bench.consumers) {
    const look = await lookAsReader(bench, consumer);
    readers.set(consumer.short, look);
    if ('tableSql' in look) return look.tableSql;
  }
  return undefined;
}

async function connect(bench: Bench, connections: number, tableSql: string | undefined): Promise<readonly Attempt[]> {
  const { target, vantage, here } = bench;
  const { attempts } = await vantage.connections(
    { kind: 'connections', target, connections, parallel, tableSql, timeoutMs: layerMs, wakeMs: wakeMsOn(bench) },
    here.context.signal,
  );
  return attempts;
}

/** Those that stayed silent, or failed; everybody, where it is not known who failed. */
async function askReaders(bench: Bench, attempts: readonly Attempt[], readers: Map<string, ReaderLook>): Promise<void> {
  const { seen, consumers } = bench;
  const shortOf = ({ namespaceId }: Attempt) => (namespaceId === undefined ? undefined : consumerOf(seen, namespaceId));
  const anybody = attempts.some(({ failed, namespaceId }) => failed && namespaceId === undefined);
  const well = new Set(attempts.filter(({ failed }) => !failed).map(shortOf));
  const failing = new Set(attempts.filter(({ failed }) => failed).map(shortOf));
  const asked = consumers.filter(({ short }) => anybody || !well.has(short) || failing.has(short));
  const open = asked.filter(({ short }) => !readers.has(short));
  await Promise.all(open.map(async (one) => readers.set(one.short, await lookAsReader(bench, one))));
}

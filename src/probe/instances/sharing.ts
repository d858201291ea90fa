/** One plan on several instances: how it is divided, and how their reports are put together. Pure. */
import type {
  ConnectionPlan,
  ConnectionReport,
  LoadError,
  LoadPlan,
  LoadReport,
  LoadSecond,
  ProbePlan,
} from '../plan.ts';

/** The parts of a plan, the first ones larger by one where it can't be divided evenly; at most one a connection. */
export function divide<Plan extends ProbePlan>(plan: Plan, among: number): Plan[] {
  const parts = Math.max(1, Math.min(among, plan.connections));
  const share = (whole: number, index: number) => Math.floor(whole / parts) + (index < whole % parts ? 1 : 0);
  return Array.from({ length: parts }, (_, index) => ({
    ...plan,
    connections: share(plan.connections, index),
    ...(plan.kind === 'connections' ? { parallel: Math.max(1, share((plan as ConnectionPlan).parallel, index)) } : {}),
  }));
}

export const joinConnections = (reports: readonly ConnectionReport[]): ConnectionReport => ({
  kind: 'connections',
  attempts: reports.flatMap(({ attempts }) => attempts),
});

/** Instances begin within a second of each other: their seconds are taken as the same ones. */
export const joinLoads = (reports: readonly LoadReport[]): LoadReport => ({
  kind: 'load',
  opened: sum(reports.map(({ opened }) => opened)),
  queries: sum(reports.map(({ queries }) => queries)),
  errors: joinErrors(reports.flatMap(({ errors }) => errors)),
  latencies: joinLatencies(reports.map(({ latencies }) => latencies)),
  seconds: joinSeconds(reports.flatMap(({ seconds }) => seconds)),
});

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);

function joinErrors(errors: readonly LoadError[]): LoadError[] {
  const joined = new Map<string, LoadError>();
  for (const error of errors) {
    const key = JSON.stringify([error.layer, error.code, error.message, error.namespaceId]);
    const known = joined.get(key);
    const firstAt = Math.min(error.firstAt, known?.firstAt ?? error.firstAt);
    joined.set(key, { ...error, firstAt, count: error.count + (known?.count ?? 0) });
  }
  return [...joined.values()].sort((one, other) => one.firstAt - other.firstAt);
}

type Counts = Readonly<Record<string, number>>;

function joinCounts(all: readonly Counts[]): Counts {
  const joined: Record<string, number> = {};
  for (const counts of all) {
    for (const [key, count] of Object.entries(counts)) joined[key] = (joined[key] ?? 0) + count;
  }
  return joined;
}

function joinLatencies(all: readonly LoadReport['latencies'][]): LoadReport['latencies'] {
  const names = [...new Set(all.flatMap((one) => Object.keys(one)))];
  return Object.fromEntries(names.map((name) => [name, joinCounts(all.map((one) => one[name] ?? {}))]));
}

function joinSeconds(all: readonly LoadSecond[]): LoadSecond[] {
  const numbers = [...new Set(all.map(({ second }) => second))].sort((one, other) => one - other);
  return numbers.map((second) => {
    const same = all.filter((one) => one.second === second);
    return {
      second,
      open: joinCounts(same.map(({ open }) => open)),
      queries: joinCounts(same.map(({ queries }) => queries)),
      errors: sum(same.map(({ errors }) => errors)),
    };
  });
}

/** Real seconds that carrying a plan out may take, with the script's start and its way to the password. */
export function secondsFor(plan: ConnectionPlan | LoadPlan): number {
  const patience = plan.timeoutMs / 1000;
  if (plan.kind === 'load') return plan.seconds + 2 * patience + 60;
  const rounds = Math.ceil(plan.connections / Math.max(1, plan.parallel));
  // Two addresses of a load balancer may keep silent before a third answers.
  return rounds * 8 * patience + 60;
}

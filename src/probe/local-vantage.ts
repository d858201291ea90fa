/** This machine as the place to connect from. */
import { setMaxListeners } from 'node:events';
import type { ConnectionOptions } from 'node:tls';
import type { Clock } from '../shared/clock.ts';
import { type Destination, type Dialling, dial, type Passed } from './dial.ts';
import { runLoad } from './load.ts';
import type { Attempt, ConnectionPlan, LoadPlan, ProbeTarget, Vantage } from './plan.ts';
import { LayerFailure } from './probe-error.ts';

export interface LocalOptions {
  /** Real time: connections and their time-outs are. */
  readonly clock: Clock;
  /** The password in a secret: to memory, and nowhere else. */
  password(secret: string): Promise<string>;
  /** Where an address is served on this machine; undefined: where its name says. */
  locate(host: string, port: number): Promise<{ readonly host: string; readonly port: number } | undefined>;
}

export function localVantage(options: LocalOptions): Vantage {
  return {
    name: 'this machine',
    async connections(plan, signal) {
      everybodyListens(signal);
      const to = await destinationOf(plan.target, options);
      return { kind: 'connections', attempts: await attempts(plan, to, { ...options, ...limitsOf(plan), signal }) };
    },
    async load(plan, signal, onSecond) {
      const to = await destinationOf(plan.target, options);
      return runLoad(plan, { to, ...limitsOf(plan), clock: options.clock, signal, onSecond });
    },
    close: () => Promise.resolve(),
  };
}

/** Each connection that is under way listens for the end: Node takes more than ten for a leak. */
const everybodyListens = (signal: AbortSignal) => setMaxListeners(0, signal);

const limitsOf = ({ timeoutMs, wakeMs = 0 }: ConnectionPlan | LoadPlan) => ({ timeoutMs, wakeMs });

async function destinationOf(target: ProbeTarget, options: LocalOptions): Promise<Omit<Destination, 'turn'>> {
  const { host, port, database, user, secret, certified } = target;
  const [here, password] = await Promise.all([options.locate(host, port), options.password(secret)]);
  const tls = here ? { rejectUnauthorized: false } : certified ? {} : anyName;
  return { ...(here ?? { host, port }), database, user, password, tls };
}

/** Behind the load balancer each consumer shows the certificate of its own address: all but the name is checked (F-609). */
const anyName: ConnectionOptions = { checkServerIdentity: () => undefined };

/** `parallel` at a time, in the order of the plan. */
async function attempts(plan: ConnectionPlan, to: Omit<Destination, 'turn'>, how: Dialling): Promise<Attempt[]> {
  const done: Attempt[] = [];
  let next = 0;
  const worker = async () => {
    while (next < plan.connections && !how.signal.aborted) {
      const turn = next++;
      done[turn] = await attempt({ ...to, turn }, how, plan.tableSql);
    }
  };
  await Promise.all(Array.from({ length: Math.min(plan.parallel, plan.connections) }, worker));
  return done;
}

async function attempt(to: Destination, how: Dialling, tableSql: string | undefined): Promise<Attempt> {
  const ms: Passed = {};
  let namespaceId: string | undefined;
  try {
    const line = await dial(to, how, ms);
    namespaceId = line.namespaceId;
    try {
      if (tableSql !== undefined) await line.query(tableSql);
    } finally {
      await line.close();
    }
    return { ms, namespaceId };
  } catch (error) {
    if (!(error instanceof LayerFailure)) throw error;
    return { ms, namespaceId, failed: { layer: error.layer, error: error.error } };
  }
}

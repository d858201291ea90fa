/** Where the connections of a test come from: this machine, or instances that are made for it inside the VPC. */
import { formatDollars } from '../../model/cost.ts';
import type { Desired } from '../../model/desired.ts';
import { localVantage } from '../../probe/local-vantage.ts';
import type { Vantage } from '../../probe/plan.ts';
import { RealClock } from '../../shared/clock.ts';
import { holdEnvironment } from '../environment/locks.ts';
import { localAddress, readPassword } from '../environment/place.ts';
import type { Account } from '../environment/session.ts';
import type { TestOptions } from '../test.ts';

/** How many instances are made to connect from; undefined: this machine does. */
export const instancesOf = ({ from, count = 2 }: TestOptions): number | undefined =>
  from === 'instances' ? count : undefined;

/** Somewhere to connect from, known before anything is made. */
export interface Origin {
  /** What it makes and costs; undefined for what is there already. */
  readonly price: string | undefined;
  open(): Promise<Vantage>;
}

export const thisMachine = (here: Account): Origin => ({
  price: undefined,
  open: async () =>
    localVantage({
      // Connections are made in real time, however fast the account's runs.
      clock: new RealClock(),
      password: (secret) => readPassword(here, { secret }),
      locate: (host, port) => localAddress(here.context, host, port),
    }),
});

/** So many instances, spread over the load balancer's zones. Reads only, until it is opened. */
export async function testInstances(here: Account, desired: Desired, count: number): Promise<Origin> {
  const { findSite, hourDollars, instancesVantage } = await import('../../probe/instances/vantage.ts');
  const { aws, context, config } = here;
  const site = await findSite(aws, desired, count);
  const dollars = hourDollars(site, config.region);
  const made = [
    `${count} test ${count === 1 ? 'instance' : 'instances'} of type ${site.types[0]?.name}`,
    ...(site.missing.length > 0 ? [`endpoints for ${site.missing.join(', ')}`] : []),
  ];
  return {
    price: `makes ${made.join(' and ')} and removes them afterwards${dollars === undefined ? '' : `, about ${formatDollars(dollars)} an hour`}`,
    open: async () => {
      const held = await holdEnvironment(here);
      const { clock, random, notices, signal } = context;
      const tell = (line: string) => notices.line(line);
      const options = { aws, desired, clock, random, run: random.hex(6), tell };
      try {
        return underLock(await instancesVantage(options, site, AbortSignal.any([signal, held.signal])), held);
      } catch (error) {
        await held.release();
        throw error;
      }
    },
  };
}

/** The lock is held as long as there is something that another run might take for remains. */
function underLock(vantage: Vantage, held: { readonly signal: AbortSignal; release(): Promise<void> }): Vantage {
  const either = (signal: AbortSignal) => AbortSignal.any([signal, held.signal]);
  return {
    name: vantage.name,
    connections: (plan, signal) => vantage.connections(plan, either(signal)),
    load: (plan, signal, onSecond) => vantage.load(plan, either(signal), onSecond),
    close: async () => {
      try {
        await vantage.close();
      } finally {
        await held.release();
      }
    },
  };
}

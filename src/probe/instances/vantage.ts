/**
 * Test instances as a vantage point: made in the environment's VPC when it is asked for, and removed when it is closed.
 *
 * I1. At most one test of an environment at a time: whatever carries the tag of a test when one begins was left by one
 *     that was killed, and is removed. Who calls this holds the environment's lock.
 * I2. Everything is made with the environment's tags and the test's in the call that makes it, so that nothing can be
 *     left that is not found again.
 */
import { RsdsError } from '../../shared/errors.ts';
import { describeRemains, findRemains, isNothing } from '../../steps/remains/find.ts';
import type { ConnectionPlan, ConnectionReport, LoadPlan, LoadReport, ProbePlan, Vantage } from '../plan.ts';
import { runPlan } from './command.ts';
import { makeAll } from './making.ts';
import type { InstancesOptions } from './options.ts';
import { removeRemains } from './removal.ts';
import { divide, joinConnections, joinLoads } from './sharing.ts';
import type { Site } from './site.ts';

export type { InstancesOptions } from './options.ts';
export { removeRemains } from './removal.ts';
export { findSite, hourDollars, type Site } from './site.ts';

/**
 * Makes the instances of a site and waits until they take commands. Where that fails or is interrupted, everything is
 * removed before it rejects.
 * @throws RsdsError `probe/instances`, `connect/absent`, `step/foreign`, `probe/remains`; the signal's reason
 */
export async function instancesVantage(options: InstancesOptions, site: Site, signal: AbortSignal): Promise<Vantage> {
  const { tell } = options;
  const before = await findRemains(options);
  if (!isNothing(before)) {
    tell(`removing what an earlier test left: ${describeRemains(before)}`);
    await removeRemains(options);
  }
  try {
    const { instanceIds } = await makeAll(options, site, signal);
    return new InstancesVantage(options, instanceIds);
  } catch (error) {
    tell('removing what was made for the test');
    await removeAfter(options, error);
    throw error;
  }
}

/** What could not be removed may cost money, so it is told before why the test failed. */
async function removeAfter(options: InstancesOptions, failure: unknown): Promise<void> {
  try {
    await removeRemains(options);
  } catch (error) {
    const { message, hint } = error as RsdsError;
    throw new RsdsError('probe/remains', message, { hint, cause: failure });
  }
}

class InstancesVantage implements Vantage {
  readonly name: string;
  readonly #options: InstancesOptions;
  readonly #instanceIds: readonly string[];
  #closed: Promise<void> | undefined;

  constructor(options: InstancesOptions, instanceIds: readonly string[]) {
    this.#options = options;
    this.#instanceIds = instanceIds;
    this.name = instanceIds.join(', ');
  }

  async connections(plan: ConnectionPlan, signal: AbortSignal): Promise<ConnectionReport> {
    return joinConnections((await this.#runAll(plan, signal)) as ConnectionReport[]);
  }

  async load(plan: LoadPlan, signal: AbortSignal): Promise<LoadReport> {
    return joinLoads((await this.#runAll(plan, signal)) as LoadReport[]);
  }

  close(): Promise<void> {
    if (!this.#closed) this.#options.tell('removing the test instances');
    this.#closed ??= removeRemains(this.#options);
    return this.#closed;
  }

  /** On all at once; where one fails, the others are told to stop. */
  async #runAll(plan: ProbePlan, signal: AbortSignal) {
    const failing = new AbortController();
    const either = AbortSignal.any([signal, failing.signal]);
    const runs = divide(plan, this.#instanceIds.length).map((part, index) =>
      runPlan(this.#options, this.#instanceIds[index] ?? '', part, either).catch((error: unknown) => {
        failing.abort(error);
        throw error;
      }),
    );
    await Promise.allSettled(runs);
    return Promise.all(runs);
  }
}

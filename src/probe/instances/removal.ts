/** Removes what tests have made in an environment: this run's, and that of any that was killed. */
import { goneIsFine } from '../../aws/paging.ts';
import { ownTagKeys } from '../../model/tags.ts';
import { RsdsError, ServiceError } from '../../shared/errors.ts';
import { findRemains, isNothing, type Remains } from '../../steps/remains/find.ts';
import { removeRole } from '../../steps/remains/role.ts';
import type { InstancesOptions } from './options.ts';

import { until } from './waiting.ts';

type RemovalOptions = Pick<InstancesOptions, 'aws' | 'desired' | 'clock' | 'tell'>;

const settleMs = 900_000;

/**
 * Removes everything that carries the tag of a test of this environment. Nothing interrupts it: what stays costs money.
 * Throws `probe/remains` with what could not be removed.
 */
export async function removeRemains(options: RemovalOptions): Promise<void> {
  const sweep = new Sweep(options);
  let empty = 0;
  await until(options, {
    what: 'AWS to give back the network interfaces of the test',
    usually: 'one to five minutes',
    everyMs: 5_000,
    limitMs: settleMs,
    signal: undefined,
    look: async () => {
      const left = await findRemains(options);
      // What was made a moment ago may not be listed yet (F-201): only two empty looks in a row count.
      empty = isNothing(left) ? empty + 1 : 0;
      if (empty > 1) return true;
      await sweep.remove(left);
      if (sweep.hopeless !== undefined) throw remainsError(left, sweep.hopeless);
      return undefined;
    },
    tooLong: () => remainsError(sweep.left, sweep.lastProblem),
  });
}

function remainsError(left: Remains, cause: unknown): RsdsError {
  const { instanceIds, endpointIds, groupIds, role } = left;
  const list = [...instanceIds, ...endpointIds, ...groupIds, ...(role ? ['its role'] : [])].join(', ');
  return new RsdsError('probe/remains', `of a test are left: ${list}`, {
    hint: `run the test again, which removes them first; all carry the tag ${ownTagKeys.test}`,
    cause,
  });
}

/** Removes again and again what can be removed by now. */
class Sweep {
  left: Remains = { instanceIds: [], endpointIds: [], groupIds: [], role: false };
  lastProblem: unknown;
  /** A failure that waiting does not mend. */
  hopeless: unknown;
  readonly #options: RemovalOptions;
  readonly #told = new Set<string>();

  constructor(options: RemovalOptions) {
    this.#options = options;
  }

  async remove(left: Remains): Promise<void> {
    this.left = left;
    const { ec2 } = this.#options.aws;
    const instances = left.instanceIds.filter((id) => !this.#told.has(id));
    if (instances.length > 0) await this.#once(instances, () => ec2.terminateInstances(instances));
    for (const id of left.endpointIds) {
      if (!this.#told.has(id)) await this.#once([id], () => ec2.deleteVpcEndpoint(id));
    }
    if (left.role) await this.#attempt(() => removeRole(this.#options));
    // Groups go when nothing carries them any more, which lasts minutes after what carried them has gone (F-240).
    if (left.instanceIds.length + left.endpointIds.length > 0) return;
    for (const id of left.groupIds) if (!(await this.#attempt(() => ec2.deleteSecurityGroup(id)))) return;
  }

  async #once(ids: readonly string[], removal: () => Promise<unknown>): Promise<void> {
    if (await this.#attempt(removal)) for (const id of ids) this.#told.add(id);
  }

  async #attempt(removal: () => Promise<unknown>): Promise<boolean> {
    try {
      await goneIsFine(removal());
      return true;
    } catch (error) {
      this.lastProblem = error;
      if (error instanceof ServiceError && /^(denied|expired|credentials)$/.test(error.kind)) this.hopeless = error;
      return false;
    }
  }
}

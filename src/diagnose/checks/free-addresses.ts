import { addressDemand, workgroupAddresses } from '../../model/addresses.ts';
import { everyRole, type SharedCheck } from '../check.ts';
import type { Observations, SubnetView } from '../observations.ts';
import { together } from '../reading.ts';
import { isAbsent, mend } from '../selectors.ts';

/** What is still to be made needs free addresses; so does a change of capacity later (F-811, F-812, F-813). */
export const freeAddresses: SharedCheck = {
  name: 'free-addresses',
  question: 'Do the subnets have the addresses that are needed?',
  subject: 'network',
  matters: everyRole,
  findings(seen, say) {
    const { network, workgroups, endpoints, balancer } = seen;
    const read = together({ network, workgroups, endpoints, balancer });
    if ('unread' in read) return [say.unchecked(read.unread)];
    if (isAbsent(seen) || !read.value.network) return [];
    const { subnets } = read.value.network;
    const missing = stillNeeded(seen, {
      workgroups: new Set(read.value.workgroups.map(({ name }) => name)),
      endpoints: new Set(read.value.endpoints.map(({ name }) => name)),
      balancer: read.value.balancer !== undefined,
    });
    const short = (need: number) => subnets.filter(({ freeAddresses: free }) => free < need);
    const list = (some: readonly SubnetView[]) => some.map(({ id, freeAddresses: free }) => `${id} ${free}`).join(', ');
    if (missing > 0 && short(missing).length > 0) {
      return [
        say.fail(`free addresses: ${list(short(missing))}; ${missing} are needed in each subnet`, {
          cause: 'workgroups, endpoints or the load balancer that are still to be made find no room',
          remedy: `free addresses, or name larger subnets in network.subnetIds, then ${mend(seen)}`,
        }),
      ];
    }
    const change = largestChange(seen);
    if (short(change).length > 0) {
      return [
        say.warn(`free addresses: ${list(short(change))}`, {
          cause: `changing the capacity of a warehouse needs ${change} free addresses in each of its subnets`,
          remedy: 'free addresses before you change capacities',
        }),
      ];
    }
    return [say.pass(`free addresses: ${list(subnets)}`)];
  },
};

interface Standing {
  readonly workgroups: ReadonlySet<string>;
  readonly endpoints: ReadonlySet<string>;
  readonly balancer: boolean;
}

/** In each subnet, for all that is wanted and not there. */
function stillNeeded({ examined, desired }: Observations, standing: Standing): number {
  const wanted = examined.filter((one) => one.wanted).map(({ warehouse }) => warehouse);
  const workgroups = wanted.filter(({ name }) => !standing.workgroups.has(name));
  const endpoints = wanted.filter(
    ({ role, short }) => role === 'consumer' && !standing.endpoints.has(desired.names.endpoint(short)),
  );
  const demand = addressDemand(
    workgroups.map(({ baseCapacity }) => baseCapacity),
    endpoints.length,
    desired.config.network.enhancedVpcRouting,
  );
  return demand.total - (standing.balancer ? demand.loadBalancer : 0);
}

const largestChange = ({ examined, desired }: Observations) =>
  Math.max(
    0,
    ...examined.map(({ warehouse }) =>
      workgroupAddresses(warehouse.baseCapacity, desired.config.network.enhancedVpcRouting),
    ),
  );

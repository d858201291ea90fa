import type { Warehouse } from '../../model/desired.ts';
import { pool, type WarehouseCheck } from '../check.ts';
import type { Finding, Say } from '../finding.ts';
import type { EndpointView, Observations, TargetView } from '../observations.ts';
import { mapped, type Reading, together } from '../reading.ts';
import { endpointOf, mend } from '../selectors.ts';

/** Targets of one consumer. */
export interface OwnTargets {
  readonly endpoint: EndpointView | undefined;
  /** At the endpoint's address, on our port. */
  readonly current: TargetView | undefined;
  /** At the endpoint's address, on another port. */
  readonly wrongPort: readonly TargetView[];
  /** At an address that the ledger recorded and that no endpoint has any more. */
  readonly stale: readonly TargetView[];
}

/** Whether the load balancer knows the consumer by the address that its endpoint has now. */
export const target: WarehouseCheck = {
  name: 'target',
  question: 'Is the address that the endpoint has now registered, on the right port, and no former one?',
  roles: pool,
  findings(seen, say, { warehouse, wanted }) {
    const own = together({ targets: ownTargets(seen, warehouse), group: seen.targetGroup });
    if ('unread' in own) return [say.unchecked(own.unread)];
    const { targets, group } = own.value;
    if (!group) return [];
    return [...staleFindings(seen, say, targets), ...(wanted ? registration(seen, say, warehouse, targets) : [])];
  },
};

export function ownTargets(seen: Observations, warehouse: Warehouse): Reading<OwnTargets> {
  const read = together({ targets: seen.targets, endpoints: seen.endpoints, endpoint: endpointOf(seen, warehouse) });
  const { port } = seen.desired.config.loadBalancer;
  return mapped(read, ({ targets, endpoints, endpoint }) => {
    const own = targets.filter(({ address }) => endpoint?.addresses.includes(address) ?? false);
    const taken = new Set(endpoints.flatMap(({ addresses }) => addresses));
    const former = recordedAddress(seen, warehouse);
    const onPort = own.filter((one) => one.port === port);
    return {
      endpoint,
      current: onPort.find(({ state }) => state !== 'draining') ?? onPort[0],
      wrongPort: own.filter((one) => one.port !== port && one.state !== 'draining'),
      stale: targets.filter(({ address, state }) => address === former && !taken.has(address) && state !== 'draining'),
    };
  });
}

/** The address under which the ledger says the consumer was registered last. */
export function recordedAddress({ ledger }: Observations, { short }: Warehouse): string | undefined {
  const id = ledger.resources[`${short}/target`]?.data.id;
  return typeof id === 'string' ? id : undefined;
}

function registration(seen: Observations, say: Say, warehouse: Warehouse, own: OwnTargets): Finding[] {
  const { endpoint, current, wrongPort } = own;
  const { port } = seen.desired.config.loadBalancer;
  if (!endpoint) return [];
  const [address] = endpoint.addresses;
  if (address === undefined) return [say.unchecked({ why: 'its endpoint has no address yet' })];
  const remedy = mend(seen);
  const wrong = wrongPort.map((one) =>
    say.fail(`${one.address} is registered on port ${one.port}, not ${port}`, {
      cause: 'it was registered by hand: nothing listens there, and connections that are sent there fail',
      remedy,
    }),
  );
  if (current && current.state !== 'draining') return [...wrong, say.pass(`${address}:${port} is registered`)];
  const missing = `${address}:${port} is ${current ? 'leaving the target group' : 'not registered'}`;
  return [...wrong, say.fail(missing, { cause: whyMissing(seen, warehouse, current), remedy })];
}

function whyMissing({ ledger }: Observations, { short }: Warehouse, current: TargetView | undefined): string {
  if (current) return 'it was deregistered and gets no new connections';
  const record = ledger.resources[`${short}/target`];
  if (record?.error) return `the last run failed at it: ${record.error.message}`;
  if (record?.state === 'settled') return 'rsds registered it, and somebody else deregistered it since';
  return 'it has not been admitted yet: a consumer is registered once its shared data answers';
}

const staleFindings = (seen: Observations, say: Say, { stale }: OwnTargets): Finding[] =>
  stale.map(({ address, port, state }) =>
    say.fail(`its former address ${address}:${port} is still registered (${state})`, {
      cause: 'its endpoint was made anew and has another address now: connections sent to the old one fail',
      remedy: mend(seen),
    }),
  );

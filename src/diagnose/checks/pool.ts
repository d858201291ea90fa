import { pool as poolRoles, type SharedCheck } from '../check.ts';
import type { Finding, Say } from '../finding.ts';
import type { Observations, TargetView } from '../observations.ts';
import { together } from '../reading.ts';
import { awsCli, mend, ownEndpoints, wantedConsumers } from '../selectors.ts';
import { recordedAddress } from './target.ts';

export const pool: SharedCheck = {
  name: 'pool',
  question: 'How many consumers take connections, and does the load balancer know nobody else?',
  subject: 'load balancer',
  matters: poolRoles,
  findings(seen, say) {
    const { targetGroup, targets } = seen;
    const read = together({ targetGroup, targets, endpoints: ownEndpoints(seen) });
    if ('unread' in read) return [say.unchecked(read.unread)];
    const { value } = read;
    if (!value.targetGroup) return [];
    const addresses = new Set(value.endpoints.flatMap((endpoint) => endpoint.addresses));
    const own = value.targets.filter(({ address }) => addresses.has(address));
    const former = recorded(seen);
    const strangers = value.targets.filter(
      ({ address, state }) => !addresses.has(address) && !former.includes(address) && state !== 'draining',
    );
    return [
      healthOf(seen, say, own),
      ...strangers.map((target) => strangerFinding(seen, say, target, value.targetGroup?.arn ?? '')),
    ];
  },
};

/** Former addresses are told of with their consumer. */
const recorded = (seen: Observations) =>
  seen.examined.flatMap(({ warehouse }) => recordedAddress(seen, warehouse) ?? []);

function healthOf(seen: Observations, say: Say, targets: readonly TargetView[]): Finding {
  const total = wantedConsumers(seen).length;
  const healthy = new Set(targets.filter(({ state }) => state === 'healthy').map(({ address }) => address)).size;
  const what = `${healthy} of ${total} consumers take connections`;
  if (healthy >= total) return say.pass(what);
  if (healthy > 0) return say.warn(what, { cause: 'the findings of the other consumers say why' });
  // F-900: with no healthy target the load balancer sends connections to all of them.
  const cause =
    targets.length === 0
      ? 'no consumer is registered: connections are refused'
      : 'no target is healthy: connections go to all of them all the same, and fail';
  const settling = targets.length > 0 && targets.every(({ state }) => state === 'initial');
  if (settling) return say.warn(what, { cause: 'the first health checks are under way' });
  return say.fail(what, { cause, remedy: mend(seen) });
}

function strangerFinding(seen: Observations, say: Say, { address, port, state }: TargetView, arn: string): Finding {
  const target = `--targets Id=${address},Port=${port}`;
  return say.fail(`${address}:${port} is registered (${state}) and belongs to no endpoint`, {
    cause: 'it is the former address of an endpoint, or was registered by hand: connections sent there fail',
    remedy: awsCli(seen, `elbv2 deregister-targets --target-group-arn ${arn} ${target}`),
  });
}

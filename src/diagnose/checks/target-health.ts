import type { Warehouse } from '../../model/desired.ts';
import { inWords } from '../../steps/changes.ts';
import { pool, type WarehouseCheck } from '../check.ts';
import type { Finding, Say } from '../finding.ts';
import type { Observations, TargetView } from '../observations.ts';
import { describeGap } from '../path.ts';
import { ifRead } from '../reading.ts';
import { awsCli, endpointOf, listenerOf, mend, rsds, workgroupOf } from '../selectors.ts';
import { pathGaps } from './endpoint-path.ts';
import { ownTargets } from './target.ts';
import { zoneOf } from './zone.ts';

/** AWS's state and reason (F-342, F-343), put together with what else was seen, so that the cause is named and not guessed. */
export const targetHealth: WarehouseCheck = {
  name: 'target-health',
  question: 'Does the load balancer send connections to the consumer, and if not, why?',
  roles: pool,
  findings(seen, say, { warehouse, wanted }) {
    const own = ownTargets(seen, warehouse);
    if ('unread' in own) return [say.unchecked(own.unread)];
    const { current } = own.value;
    return wanted && current && current.state !== 'draining' ? [ofTarget(seen, say, warehouse, current)] : [];
  },
};

function ofTarget(seen: Observations, say: Say, warehouse: Warehouse, target: TargetView): Finding {
  const { address, port, state, reason } = target;
  const what = `${address}:${port} is ${state}${reason === undefined ? '' : ` (${reason})`}`;
  switch (state) {
    case 'healthy':
      return say.pass(what);
    case 'initial':
      return say.warn(what, { cause: 'the first health checks are under way, which takes up to some minutes' });
    case 'unused':
      return say.fail(what, unused(seen, warehouse, reason));
    case 'unhealthy':
    case 'unhealthy.draining': // F-689: still registered
      return say.fail(what, unhealthy(seen, warehouse, target));
    default:
      return say.warn(what, { cause: 'AWS gives no health for it', remedy: rsds(seen, 'diagnose') });
  }
}

interface Advice {
  readonly cause: string;
  readonly remedy: string;
}

function unused(seen: Observations, warehouse: Warehouse, reason: string | undefined): Advice {
  const remedy = mend(seen);
  const listener = listenerOf(seen);
  const { targetGroup, balancer, desired } = seen;
  if ('value' in balancer && !balancer.value) return { cause: 'there is no load balancer', remedy };
  const { port } = desired.config.loadBalancer;
  if ('value' in listener && !listener.value) {
    return { cause: `no listener forwards to the target group: there is none on ${port}`, remedy };
  }
  const group = ifRead(targetGroup);
  if ('value' in listener && group && !listener.value?.targetGroupArns.includes(group.arn)) {
    return { cause: 'the listener forwards to another target group', remedy };
  }
  const zone = zoneOf(seen, warehouse);
  if (zone && !zone.enabled) return { cause: `its zone ${zone.zone} is not one of the load balancer's`, remedy };
  if (reason === 'Target.IpUnusable') return { cause: 'the address is that of a load balancer itself', remedy };
  return { cause: 'no listener forwards here, or its zone is not enabled for the load balancer', remedy };
}

function unhealthy(seen: Observations, warehouse: Warehouse, { address, port, reason }: TargetView): Advice {
  const remedy = mend(seen);
  const gaps = pathGaps(seen, warehouse);
  const missing = ifRead(gaps) ?? [];
  if (missing.length > 0) return { cause: `the security group ${inWords(missing.map(describeGap))}`, remedy };
  const status = ifRead(workgroupOf(seen, warehouse))?.status;
  const look = rsds(seen, `diagnose ${warehouse.short}`);
  if (status !== undefined && status !== 'AVAILABLE') {
    return { cause: `its workgroup is ${status}: nothing answers behind the endpoint`, remedy: look };
  }
  const made = ifRead(endpointOf(seen, warehouse));
  if (made && made.status !== 'ACTIVE') return { cause: `its endpoint is ${made.status}`, remedy: look };
  if (made?.port !== undefined && made.port !== port) {
    return { cause: `the endpoint listens on ${made.port}, not on ${port}`, remedy };
  }
  const acls = awsCli(seen, `ec2 describe-network-acls${vpcFilter(seen)}`);
  if (reason === 'Target.FailedHealthChecks') {
    return { cause: `${address} refuses connections on ${port}, although workgroup and endpoint are up`, remedy: acls };
  }
  const path = 'value' in gaps ? 'the security groups let them pass' : 'the security groups were not checked';
  const cause = `health checks get no answer; ${path}, workgroup and endpoint are up`;
  if (!('create' in seen.desired.config.network.vpc))
    return { cause: `${cause}: a network ACL may drop them`, remedy: acls };
  // The ACL of a VPC that rsds made lets everything pass.
  return {
    cause: `${cause}: neither the warehouse behind them nor perhaps its zone answers`,
    remedy: rsds(seen, `replace ${warehouse.short}`),
  };
}

function vpcFilter({ network }: Observations): string {
  const vpcId = ifRead(network)?.vpcId;
  return vpcId === undefined ? '' : ` --filters Name=vpc-id,Values=${vpcId}`;
}

/** The load balancer with its listeners and its targets. Reads only. */
import type {
  Listener,
  LoadBalancer,
  TargetGroup,
  TargetHealthDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Aws } from '../../aws/aws.ts';
import type { Desired } from '../../model/desired.ts';
import type { BalancerView, ListenerView, Observations, TargetGroupView, TargetView } from '../observations.ts';
import { mapped, onward, read } from '../reading.ts';

export type BalancerParts = Pick<
  Observations,
  | 'balancer'
  | 'balancerAttributes'
  | 'listeners'
  | 'listenerAttributes'
  | 'targetGroup'
  | 'targetGroupAttributes'
  | 'targets'
>;

export async function observeBalancer(aws: Aws, desired: Desired): Promise<BalancerParts> {
  const [front, back] = await Promise.all([observeFront(aws, desired), observeTargets(aws, desired)]);
  return { ...front, ...back };
}

async function observeFront({ elb }: Aws, { names, config }: Desired) {
  const balancer = mapped(
    await read(() => elb.loadBalancer(names.loadBalancer)),
    (found) => found && balancerView(found),
  );
  const [balancerAttributes, listeners] = await Promise.all([
    onward(balancer, async (found) => (found ? elb.loadBalancerAttributes(found.arn) : {})),
    onward(balancer, async (found) => (found ? (await elb.listeners(found.arn)).map(listenerView) : [])),
  ]);
  const listenerAttributes = await onward(listeners, async (all) => {
    const ours = all.find(({ port }) => port === config.loadBalancer.port);
    return ours ? elb.listenerAttributes(ours.arn) : {};
  });
  return { balancer, balancerAttributes, listeners, listenerAttributes };
}

async function observeTargets({ elb }: Aws, { names }: Desired) {
  const targetGroup = mapped(
    await read(() => elb.targetGroup(names.targetGroup)),
    (found) => found && groupView(found),
  );
  const [targetGroupAttributes, targets] = await Promise.all([
    onward(targetGroup, async (found) => (found ? elb.targetGroupAttributes(found.arn) : {})),
    onward(targetGroup, async (found) => (found ? (await elb.targetHealth(found.arn)).map(targetView) : [])),
  ]);
  return { targetGroup, targetGroupAttributes, targets };
}

const balancerView = (found: LoadBalancer): BalancerView => ({
  arn: found.LoadBalancerArn ?? '',
  dnsName: found.DNSName ?? '',
  type: found.Type ?? '',
  scheme: found.Scheme ?? '',
  state: found.State?.Code ?? '',
  reason: found.State?.Reason,
  zones: (found.AvailabilityZones ?? []).map(({ ZoneName = '', SubnetId = '' }) => ({
    zone: ZoneName,
    subnetId: SubnetId,
  })),
  groupIds: found.SecurityGroups ?? [],
});

const listenerView = (found: Listener): ListenerView => ({
  arn: found.ListenerArn ?? '',
  port: found.Port ?? 0,
  protocol: found.Protocol ?? '',
  targetGroupArns: (found.DefaultActions ?? []).flatMap(({ TargetGroupArn, ForwardConfig }) =>
    TargetGroupArn === undefined
      ? (ForwardConfig?.TargetGroups ?? []).flatMap((one) => one.TargetGroupArn ?? [])
      : [TargetGroupArn],
  ),
});

const groupView = (found: TargetGroup): TargetGroupView => ({
  arn: found.TargetGroupArn ?? '',
  protocol: found.Protocol ?? '',
  targetType: found.TargetType ?? '',
});

const targetView = ({ Target, TargetHealth }: TargetHealthDescription): TargetView => ({
  address: Target?.Id ?? '',
  port: Target?.Port ?? 0,
  state: TargetHealth?.State ?? '',
  reason: TargetHealth?.Reason,
});

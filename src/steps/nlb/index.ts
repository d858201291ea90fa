/** The step `nlb`: the one address in front of the consumers, and the one login for it. */
import type { Resource } from '../../engine/resource.ts';
import type { Random } from '../../shared/random.ts';
import type { StepContext } from '../changes.ts';
import type { VpcStep } from '../vpc/index.ts';
import { type ListenerSeen, listener } from './listener.ts';
import { type LoadBalancerSeen, loadBalancer } from './load-balancer.ts';
import { type ReaderSecretSeen, readerSecret } from './reader-secret.ts';
import { type TargetGroupSeen, targetGroup } from './target-group.ts';

export interface NlbStep {
  readonly loadBalancer: Resource<LoadBalancerSeen>;
  readonly targetGroup: Resource<TargetGroupSeen>;
  readonly listener: Resource<ListenerSeen>;
  readonly readerSecret: Resource<ReaderSecretSeen>;
  /** Without the targets, which come with their consumers. */
  readonly resources: readonly Resource[];
}

export function nlbStep(context: StepContext, { vpc, random }: { vpc: VpcStep; random: Random }): NlbStep {
  const { network, groups } = vpc;
  const balancer = loadBalancer(context, { network, group: groups.nlb });
  const group = targetGroup(context, network);
  const ear = listener(context, { loadBalancer: balancer, targetGroup: group });
  const secret = readerSecret(context, random);
  return {
    loadBalancer: balancer,
    targetGroup: group,
    listener: ear,
    readerSecret: secret,
    resources: [secret, balancer, group, ear],
  };
}

import type { Listener } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Attributes } from '../../aws/elb.ts';
import { goneIsFine, orAbsent } from '../../aws/paging.ts';
import type { Tags } from '../../aws/tags.ts';
import type { Change, Known, Resource } from '../../engine/resource.ts';
import { isOurs, tagsFor } from '../../model/tags.ts';
import { atOnce, change, needed, type StepContext } from '../changes.ts';
import { foreign, ownershipRecord, TagMemory, tagChanges } from '../ownership.ts';
import { attributeChanges } from './attributes.ts';
import type { LoadBalancerSeen } from './load-balancer.ts';
import type { TargetGroupSeen } from './target-group.ts';

export interface ListenerSeen {
  readonly arn: string;
  readonly port: number;
  readonly protocol: string;
  /** Where it forwards to. */
  readonly targetGroupArns: readonly string[];
  readonly attributes: Attributes;
  readonly tags: Tags | undefined;
}

const id = 'nlb/listener';

/** Plain TCP: Redshift negotiates TLS inside the connection, which the load balancer can't take part in. */
export function listener(
  context: StepContext,
  parts: { loadBalancer: Resource<LoadBalancerSeen>; targetGroup: Resource<TargetGroupSeen> },
): Resource<ListenerSeen> {
  const { desired, aws } = context;
  const { loadBalancer, targetGroup } = parts;
  const { config, names } = desired;
  const { port, idleTimeoutSeconds } = config.loadBalancer;
  const tags = tagsFor(config, id, names.loadBalancer);
  const title = `listener ${port} of ${names.loadBalancer}`;
  const memory = new TagMemory(id, tags, async (arn) => (await aws.elb.tags([arn]))[arn] ?? {});
  const attributes = { 'tcp.idle_timeout.seconds': String(idleTimeoutSeconds) };

  return {
    id,
    step: 'nlb',
    kind: 'listener',
    title,
    needs: [loadBalancer, targetGroup],
    usualMs: 5_000,
    async observe(look) {
      const balancerArn = look.seen(loadBalancer)?.arn;
      if (balancerArn === undefined) return undefined;
      const all = await look.once('elb/listeners', () => aws.elb.listeners(balancerArn));
      const recorded = look.recorded(id)?.id;
      const found = all.find(({ ListenerArn }) => ListenerArn === recorded) ?? all.find((one) => one.Port === port);
      if (!found) return undefined;
      const arn = found.ListenerArn ?? '';
      const more = await orAbsent(Promise.all([memory.of(look, arn), aws.elb.listenerAttributes(arn)]));
      if (!more) return undefined;
      const [read, seen] = more;
      return read && !isOurs(config, read) ? foreign(title, config) : viewOf(found, seen, read);
    },
    changes(seen, known) {
      if (!seen) return [change('create', `create ${title}`, () => create(known))];
      return [
        ...routeChanges(seen, known),
        // Not to be given at creation (F-682).
        ...attributeChanges(seen.attributes, attributes, (some) => aws.elb.setListenerAttributes(seen.arn, some)),
        ...tagChanges(seen.tags, tags, (missing) => {
          memory.forget();
          return aws.elb.tag(seen.arn, missing);
        }),
      ];
    },
    removal: ({ arn }) => [change('delete', `delete ${title}`, () => goneIsFine(aws.elb.deleteListener(arn)))],
    settled: atOnce,
    remember: ({ arn }) => ownershipRecord(arn, tags),
  };

  async function create(known: Known): Promise<void> {
    const answer = await aws.elb.createListener(
      {
        LoadBalancerArn: needed(known.seen(loadBalancer), loadBalancer.title).arn,
        Protocol: 'TCP',
        Port: port,
        DefaultActions: forwardTo(needed(known.seen(targetGroup), targetGroup.title).arn),
      },
      tags,
    );
    memory.set(answer.Listeners?.[0]?.ListenerArn);
  }

  function routeChanges(seen: ListenerSeen, known: Known): Change[] {
    const target = known.seen(targetGroup)?.arn;
    const moved = seen.port !== port || seen.protocol !== 'TCP';
    const astray = target !== undefined && !(seen.targetGroupArns.length === 1 && seen.targetGroupArns[0] === target);
    if (!moved && !astray) return [];
    const what = [
      ...(moved ? [`${seen.protocol} ${seen.port} → TCP ${port}`] : []),
      ...(astray ? [`forward to ${names.targetGroup}`] : []),
    ];
    const apply = () =>
      aws.elb.modifyListener({
        ListenerArn: seen.arn,
        Protocol: 'TCP',
        Port: port,
        ...(target === undefined ? {} : { DefaultActions: forwardTo(target) }),
      });
    return [change('update', what.join(', '), apply, moved ? { interrupts: 'clients must use the new port' } : {})];
  }
}

const forwardTo = (TargetGroupArn: string) => [{ Type: 'forward' as const, TargetGroupArn }];

function viewOf(found: Listener, attributes: Attributes, tags: Tags | undefined): ListenerSeen {
  const targets = (found.DefaultActions ?? []).flatMap(({ TargetGroupArn, ForwardConfig }) =>
    TargetGroupArn === undefined
      ? (ForwardConfig?.TargetGroups ?? []).flatMap((one) => one.TargetGroupArn ?? [])
      : [TargetGroupArn],
  );
  return {
    arn: found.ListenerArn ?? '',
    port: found.Port ?? 0,
    protocol: found.Protocol ?? '',
    targetGroupArns: targets,
    attributes,
    tags,
  };
}

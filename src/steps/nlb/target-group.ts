import type { ModifyTargetGroupCommandInput, TargetGroup } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Attributes } from '../../aws/elb.ts';
import { goneIsFine, orAbsent } from '../../aws/paging.ts';
import type { Tags } from '../../aws/tags.ts';
import type { LoadBalancerConfig } from '../../config/config.ts';
import type { Change, Known, Resource } from '../../engine/resource.ts';
import { isOurs, tagsFor } from '../../model/tags.ts';
import { atOnce, change, needed, refuse, type StepContext } from '../changes.ts';
import { foreign, ownershipRecord, TagMemory, tagChanges } from '../ownership.ts';
import type { Network } from '../vpc/network.ts';
import { attributeChanges } from './attributes.ts';

export interface TargetGroupSeen {
  readonly arn: string;
  readonly vpcId: string;
  readonly protocol: string;
  readonly targetType: string;
  readonly port: number;
  readonly healthCheck: HealthCheck;
  readonly attributes: Attributes;
  readonly tags: Tags | undefined;
}

/** Seconds and counts, as AWS takes them. */
export interface HealthCheck {
  readonly HealthCheckProtocol: string;
  readonly HealthCheckPort: string;
  readonly HealthCheckIntervalSeconds: number;
  readonly HealthCheckTimeoutSeconds: number;
  readonly HealthyThresholdCount: number;
  readonly UnhealthyThresholdCount: number;
}

const id = 'nlb/target-group';

export function targetGroup(context: StepContext, network: Network): Resource<TargetGroupSeen> {
  const { desired, aws } = context;
  const { config, names } = desired;
  const { port } = config.loadBalancer;
  const name = names.targetGroup;
  const tags = tagsFor(config, id, name);
  const title = `target group ${name}`;
  const memory = new TagMemory(id, tags, async (arn) => (await aws.elb.tags([arn]))[arn] ?? {});
  const check = healthCheckOf(config.loadBalancer);

  return {
    id,
    step: 'nlb',
    kind: 'target-group',
    title,
    needs: network.vpc,
    usualMs: 5_000,
    async observe(look) {
      const found = await look.once('elb/target-group', () => aws.elb.targetGroup(name));
      if (!found) return undefined;
      const arn = found.TargetGroupArn ?? '';
      const more = await orAbsent(Promise.all([memory.of(look, arn), aws.elb.targetGroupAttributes(arn)]));
      if (!more) return undefined;
      const [read, attributes] = more;
      return read && !isOurs(config, read) ? foreign(title, config) : viewOf(found, attributes, read);
    },
    changes(seen, known) {
      if (!seen) return [change('create', `create ${title}, TCP ${port}`, () => create(known))];
      refuseReplacing(seen, known);
      return [
        ...checkChanges(seen),
        ...attributeChanges(seen.attributes, attributesOf(config.loadBalancer), (some) =>
          aws.elb.setTargetGroupAttributes(seen.arn, some),
        ),
        ...tagChanges(seen.tags, tags, (missing) => {
          memory.forget();
          return aws.elb.tag(seen.arn, missing);
        }),
      ];
    },
    removal: ({ arn }) => [change('delete', `delete ${title}`, () => goneIsFine(aws.elb.deleteTargetGroup(arn)))],
    settled: atOnce,
    remember: ({ arn }) => ownershipRecord(arn, tags),
  };

  async function create(known: Known): Promise<void> {
    const answer = await aws.elb.createTargetGroup(
      {
        Name: name,
        Protocol: 'TCP',
        Port: port,
        VpcId: needed(network.vpcId(known), 'the VPC'),
        TargetType: 'ip',
        ...check,
      },
      tags,
    );
    memory.set(answer.TargetGroups?.[0]?.TargetGroupArn);
  }

  function checkChanges({ arn, healthCheck }: TargetGroupSeen): Change[] {
    const keys = Object.keys(check) as (keyof typeof check)[];
    const differing = keys.filter((key) => healthCheck[key] !== check[key]);
    if (differing.length === 0) return [];
    const title = differing.map((key) => `${key} ${healthCheck[key]} → ${check[key]}`).join(', ');
    const input: ModifyTargetGroupCommandInput = { TargetGroupArn: arn, ...check };
    return [change('update', title, () => aws.elb.modifyTargetGroup(input))];
  }

  function refuseReplacing(seen: TargetGroupSeen, known: Known): void {
    const vpcId = network.vpcId(known);
    const hint = `delete ${name} by hand and run the same command again`;
    if (vpcId !== undefined && seen.vpcId !== vpcId)
      refuse({ title }, `it belongs to ${seen.vpcId}, not ${vpcId}`, hint);
    if (seen.targetType !== 'ip' || seen.protocol !== 'TCP') {
      refuse(
        { title },
        `it is for ${seen.protocol} to targets of type ${seen.targetType}, not for TCP to addresses`,
        hint,
      );
    }
  }
}

/** TCP: it proves the way, not the database (F-608); two answers admit, two failures take out. */
export function healthCheckOf({ healthCheckSeconds }: LoadBalancerConfig) {
  return {
    HealthCheckProtocol: 'TCP' as const,
    HealthCheckPort: 'traffic-port',
    HealthCheckIntervalSeconds: healthCheckSeconds,
    // Less than the interval, or checks would overlap (F-331).
    HealthCheckTimeoutSeconds: Math.max(2, Math.min(10, healthCheckSeconds - 1)),
    HealthyThresholdCount: 2,
    UnhealthyThresholdCount: 2,
  };
}

function attributesOf({ deregistrationDelaySeconds }: LoadBalancerConfig): Attributes {
  return {
    'deregistration_delay.timeout_seconds': String(deregistrationDelaySeconds),
    // Running queries outlive the delay.
    'deregistration_delay.connection_termination.enabled': 'false',
    // Endpoints are PrivateLink interfaces, which client addresses would not come back from (F-680).
    'preserve_client_ip.enabled': 'false',
    'proxy_protocol_v2.enabled': 'false',
    // Clients behind one address would all get one consumer (F-607).
    'stickiness.enabled': 'false',
    // AWS's default cuts every query of a consumer that misses its checks (F-681).
    'target_health_state.unhealthy.connection_termination.enabled': 'false',
  };
}

function viewOf(found: TargetGroup, attributes: Attributes, tags: Tags | undefined): TargetGroupSeen {
  return {
    arn: found.TargetGroupArn ?? '',
    vpcId: found.VpcId ?? '',
    protocol: found.Protocol ?? '',
    targetType: found.TargetType ?? '',
    port: found.Port ?? 0,
    healthCheck: {
      HealthCheckProtocol: found.HealthCheckProtocol ?? '',
      HealthCheckPort: found.HealthCheckPort ?? '',
      HealthCheckIntervalSeconds: found.HealthCheckIntervalSeconds ?? 0,
      HealthCheckTimeoutSeconds: found.HealthCheckTimeoutSeconds ?? 0,
      HealthyThresholdCount: found.HealthyThresholdCount ?? 0,
      UnhealthyThresholdCount: found.UnhealthyThresholdCount ?? 0,
    },
    attributes,
    tags,
  };
}

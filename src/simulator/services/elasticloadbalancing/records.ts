/** What the simulated Elastic Load Balancing remembers: plain JSON, keyed by ARN. */

export interface BalancerZone {
  readonly zoneName: string;
  readonly subnetId: string;
  readonly networkInterfaceId: string;
  readonly address: string;
  /** The caller chose the address; it is shown only then. */
  readonly chosen: boolean;
}

export interface LoadBalancerRecord {
  readonly arn: string;
  readonly name: string;
  /** Sixteen hexadecimal digits, in ARN, DNS name and the description of the interfaces. */
  readonly id: string;
  readonly scheme: 'internal' | 'internet-facing';
  readonly vpcId: string;
  readonly createdAt: number;
  /** Undefined while provisioning. */
  activeAt: number | undefined;
  zones: BalancerZone[];
  securityGroups: string[];
  enforceOnPrivateLink: 'on' | 'off' | undefined;
  attributes: Record<string, string>;
  tags: Record<string, string>;
}

export interface HealthCheck {
  readonly enabled: boolean;
  readonly protocol: string;
  /** `traffic-port` or a number. */
  readonly port: string;
  readonly path: string | undefined;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  readonly healthyThreshold: number;
  readonly unhealthyThreshold: number;
}

export interface TargetGroupRecord {
  readonly arn: string;
  readonly name: string;
  readonly protocol: string;
  readonly port: number;
  readonly vpcId: string;
  readonly targetType: 'ip' | 'instance';
  readonly createdAt: number;
  healthCheck: HealthCheck;
  attributes: Record<string, string>;
  tags: Record<string, string>;
  targets: TargetRecord[];
}

/** What the health checks of a target meet: an answer, a refusal, or nothing. */
export type Probe = 'open' | 'refused' | 'timeout';

/** What is known of a target's path: what its checks have met since when, and how the target stood then. */
export interface TargetPath {
  readonly start: number;
  readonly probe: Probe;
  readonly since: number;
  readonly standing: 'initial' | 'healthy' | 'unhealthy';
  /** When it became unhealthy, if that is how it stood at `since`. */
  readonly unhealthySince: number | undefined;
}

export interface TargetRecord {
  readonly address: string;
  readonly port: number;
  /** The zone it lies in, or `all` for addresses outside the VPC. */
  readonly zone: string;
  registeredAt: number;
  /** How long registration takes, ms. */
  registerMs: number;
  /** Where in the first interval the first check comes, 0 to 1. */
  phase: number;
  deregisteredAt: number | undefined;
  path: TargetPath | undefined;
}

export interface ListenerRecord {
  readonly arn: string;
  readonly loadBalancerArn: string;
  readonly createdAt: number;
  protocol: string;
  port: number;
  targetGroupArn: string;
  /** Since when it forwards to its present target group. */
  attachedAt: number;
  attributes: Record<string, string>;
  tags: Record<string, string>;
}

export interface ElbState {
  readonly loadBalancers: Record<string, LoadBalancerRecord>;
  readonly targetGroups: Record<string, TargetGroupRecord>;
  readonly listeners: Record<string, ListenerRecord>;
}

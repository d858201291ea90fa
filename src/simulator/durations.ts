/**
 * How long AWS takes, in milliseconds: a range from which each occurrence draws. The sources are cited as facts of
 * docs/aws-behaviour.md; ranges are for what has been measured in public test runs since 2024.
 */
export interface DurationRange {
  readonly from: number;
  readonly to: number;
}

const seconds = (from: number, to: number): DurationRange => ({ from: from * 1000, to: to * 1000 });

export const durations = {
  /** Between a create being answered and every read seeing it. */
  'eventual-consistency': seconds(0.5, 3),
  'namespace.create': seconds(8, 20),
  'namespace.update': seconds(5, 15),
  'namespace.delete': seconds(15, 40),
  /** CreateWorkgroup answered → first AVAILABLE. */
  'workgroup.create': seconds(120, 200),
  /** First AVAILABLE → MODIFYING again. */
  'workgroup.lull': seconds(2, 4),
  /** MODIFYING after creation → AVAILABLE for good. */
  'workgroup.resize': seconds(20, 50),
  'workgroup.update': seconds(40, 120),
  /** DeleteWorkgroup answered → DELETING is shown; MODIFYING until then. */
  'workgroup.close': seconds(2, 10),
  'workgroup.delete': seconds(60, 120),
  /** How long a workgroup that got stuck refuses to be deleted. */
  'workgroup.stuck': seconds(60, 240),
  /** A deleted workgroup's name can't be used again at once. */
  'workgroup.name-linger': seconds(5, 30),
  /** A role given to a namespace: `adding` → `in-sync`. */
  'namespace.role': seconds(10, 40),
  'endpoint.create': seconds(60, 180),
  'endpoint.update': seconds(20, 60),
  'endpoint.delete': seconds(60, 150),
  'snapshot.create': seconds(60, 180),
  'load-balancer.create': seconds(120, 200),
  /** ENIs of a deleted load balancer or endpoint stay for a while. */
  'network-interface.linger': seconds(60, 180),
  'vpc-endpoint.create': seconds(10, 40),
  'vpc-endpoint.delete': seconds(20, 60),
  /** RunInstances answered → running. */
  'instance.start': seconds(8, 25),
  'instance.terminate': seconds(30, 60),
  /** Running → Systems Manager knows it. */
  'instance.register': seconds(15, 60),
  'target.register': seconds(10, 30),
  'iam.propagation': seconds(4, 12),
  'managed-secret.delete': seconds(30, 120),
  'table.create': seconds(4, 10),
  'table.delete': seconds(4, 10),
  'table.update': seconds(1, 5),
  'time-to-live.change': seconds(60, 900),
  'quota-increase.decide': seconds(600, 7200),
  /** First data point of a metric → ListMetrics shows it. */
  'metric.listed': seconds(60, 900),
  'statement.run': seconds(0.1, 0.6),
  'warehouse.resume': seconds(3, 20),
} as const satisfies Record<string, DurationRange>;

export type DurationKind = keyof typeof durations;

/** Attributes of load balancers, target groups and listeners: strings by key, each with its own rule (F-310). */
import { invalidConfiguration } from './state.ts';

/** Whether a value is allowed; a text says which ones are. */
export type AttributeRule = (value: string) => string | undefined;

export type AttributeTable = Readonly<Record<string, { readonly initial: string; readonly rule: AttributeRule }>>;

/** What the SDK's attribute types have in common. */
export interface Attribute {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
}

const oneOf =
  (...values: readonly string[]): AttributeRule =>
  (value) =>
    values.includes(value) ? undefined : `one of ${values.join(', ')}`;

const flag = oneOf('true', 'false');

const anyText: AttributeRule = () => undefined;

const between =
  (from: number, to: number): AttributeRule =>
  (value) =>
    isWithin(value, from, to) ? undefined : `between ${from} and ${to}`;

const offOr =
  (from: number, to: number): AttributeRule =>
  (value) =>
    value === 'off' || isWithin(value, from, to) ? undefined : `off, or between ${from} and ${to}`;

const isWithin = (value: string, from: number, to: number) =>
  /^\d+$/.test(value) && Number(value) >= from && Number(value) <= to;

/** F-311. */
export const loadBalancerAttributes: AttributeTable = {
  'access_logs.s3.enabled': { initial: 'false', rule: flag },
  'access_logs.s3.bucket': { initial: '', rule: anyText },
  'access_logs.s3.prefix': { initial: '', rule: anyText },
  'deletion_protection.enabled': { initial: 'false', rule: flag },
  'load_balancing.cross_zone.enabled': { initial: 'false', rule: flag },
  'dns_record.client_routing_policy': {
    initial: 'any_availability_zone',
    rule: oneOf('any_availability_zone', 'partial_availability_zone_affinity', 'availability_zone_affinity'),
  },
  'ipv6.deny_all_igw_traffic': { initial: 'false', rule: flag },
  'secondary_ips.auto_assigned.per_subnet': { initial: '0', rule: between(0, 7) },
  'zonal_shift.config.enabled': { initial: 'false', rule: flag },
};

/** F-312. */
export const targetGroupAttributes: AttributeTable = {
  'deregistration_delay.timeout_seconds': { initial: '300', rule: between(0, 3600) },
  'deregistration_delay.connection_termination.enabled': { initial: 'false', rule: flag },
  'load_balancing.cross_zone.enabled': {
    initial: 'use_load_balancer_configuration',
    rule: oneOf('true', 'false', 'use_load_balancer_configuration'),
  },
  'preserve_client_ip.enabled': { initial: 'false', rule: flag },
  'proxy_protocol_v2.enabled': { initial: 'false', rule: flag },
  'stickiness.enabled': { initial: 'false', rule: flag },
  'stickiness.type': { initial: 'source_ip', rule: oneOf('source_ip') },
  'target_group_health.dns_failover.minimum_healthy_targets.count': { initial: '1', rule: offOr(1, 1000) },
  'target_group_health.dns_failover.minimum_healthy_targets.percentage': { initial: 'off', rule: offOr(1, 100) },
  'target_group_health.unhealthy_state_routing.minimum_healthy_targets.count': { initial: '1', rule: between(1, 1000) },
  'target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage': {
    initial: 'off',
    rule: offOr(1, 100),
  },
  'target_health_state.unhealthy.connection_termination.enabled': { initial: 'true', rule: flag },
  'target_health_state.unhealthy.draining_interval_seconds': { initial: '0', rule: between(0, 360_000) },
};

/** F-313. */
export const listenerAttributes: AttributeTable = {
  'tcp.idle_timeout.seconds': { initial: '350', rule: between(60, 6000) },
};

export const initialAttributes = (table: AttributeTable): Record<string, string> =>
  Object.fromEntries(Object.entries(table).map(([key, { initial }]) => [key, initial]));

/**
 * The attributes after a change.
 * Errors: `InvalidConfigurationRequest` for a key that such a thing doesn't have, given twice, or a value out of range.
 */
export function changedAttributes(
  present: Readonly<Record<string, string>>,
  changes: readonly Attribute[],
  table: AttributeTable,
): Record<string, string> {
  const changed = { ...present };
  const seen = new Set<string>();
  for (const { Key: key = '', Value: value = '' } of changes) {
    const known = Object.hasOwn(table, key) ? table[key] : undefined;
    if (!known) throw invalidConfiguration(`Attribute key '${key}' is not recognized`);
    if (seen.has(key)) throw invalidConfiguration(`Attribute key '${key}' is specified more than once`);
    const allowed = known.rule(value);
    if (allowed) throw invalidConfiguration(`The value '${value}' of attribute '${key}' must be ${allowed}`);
    seen.add(key);
    changed[key] = value;
  }
  return changed;
}

export const attributeList = (attributes: Readonly<Record<string, string>>) =>
  Object.entries(attributes).map(([Key, Value]) => ({ Key, Value }));

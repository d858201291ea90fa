/** The settings of a target group's health check, with AWS's defaults and ranges. */
import type { HealthCheck } from './records.ts';
import { invalidConfiguration, validationError } from './state.ts';

/** What CreateTargetGroup and ModifyTargetGroup say of it. */
export interface HealthCheckRequest {
  readonly HealthCheckEnabled?: boolean | undefined;
  readonly HealthCheckProtocol?: string | undefined;
  readonly HealthCheckPort?: string | undefined;
  readonly HealthCheckPath?: string | undefined;
  readonly HealthCheckIntervalSeconds?: number | undefined;
  readonly HealthCheckTimeoutSeconds?: number | undefined;
  readonly HealthyThresholdCount?: number | undefined;
  readonly UnhealthyThresholdCount?: number | undefined;
}

/** F-330. */
const defaults: HealthCheck = {
  enabled: true,
  protocol: 'TCP',
  port: 'traffic-port',
  path: undefined,
  intervalSeconds: 30,
  timeoutSeconds: 10,
  healthyThreshold: 5,
  unhealthyThreshold: 2,
};

/** F-330: the time-out of a check over HTTP is shorter. */
const httpTimeoutSeconds = 6;

const protocols = ['TCP', 'HTTP', 'HTTPS'];

/** The check after a request. Errors: `ValidationError` for values out of range, `InvalidConfigurationRequest`. */
export function healthCheckOf(request: HealthCheckRequest, present?: HealthCheck): HealthCheck {
  const protocol = request.HealthCheckProtocol ?? present?.protocol ?? defaults.protocol;
  const overHttp = protocol !== 'TCP';
  const start = present ?? { ...defaults, ...(overHttp && { timeoutSeconds: httpTimeoutSeconds, path: '/' }) };
  const check: HealthCheck = {
    enabled: request.HealthCheckEnabled ?? start.enabled,
    protocol,
    port: request.HealthCheckPort ?? start.port,
    path: overHttp ? (request.HealthCheckPath ?? start.path) : undefined,
    intervalSeconds: request.HealthCheckIntervalSeconds ?? start.intervalSeconds,
    timeoutSeconds: request.HealthCheckTimeoutSeconds ?? start.timeoutSeconds,
    healthyThreshold: request.HealthyThresholdCount ?? start.healthyThreshold,
    unhealthyThreshold: request.UnhealthyThresholdCount ?? start.unhealthyThreshold,
  };
  checkValues(check);
  if (request.HealthCheckPath !== undefined && !overHttp) {
    throw invalidConfiguration(
      'You cannot specify a health check path for a target group with health check protocol TCP',
    );
  }
  return check;
}

function checkValues(check: HealthCheck): void {
  if (!check.enabled)
    throw invalidConfiguration('Health checks cannot be disabled for target groups with this target type');
  if (!protocols.includes(check.protocol)) {
    throw validationError(`Health check protocol '${check.protocol}' must be one of '${protocols.join(', ')}'`);
  }
  if (check.port !== 'traffic-port' && !isPort(check.port)) {
    throw validationError(`Health check port '${check.port}' must be in the range [1, 65535] or be 'traffic-port'`);
  }
  within('interval', check.intervalSeconds, 5, 300);
  within('timeout', check.timeoutSeconds, 2, 120);
  within('healthy threshold count', check.healthyThreshold, 2, 10);
  within('unhealthy threshold count', check.unhealthyThreshold, 2, 10);
  // F-331.
  if (check.timeoutSeconds > check.intervalSeconds) {
    throw validationError('Health check timeout must be smaller than or equal to the interval');
  }
}

const isPort = (text: string) => /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65535;

function within(label: string, value: number, from: number, to: number): void {
  if (value < from || value > to)
    throw validationError(`Health check ${label} '${value}' must be in the range [${from}, ${to}]`);
}

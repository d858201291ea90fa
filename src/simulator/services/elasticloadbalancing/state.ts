/** Access to the state of the simulated Elastic Load Balancing in one region, its ARNs and its pages. */
import { ApiError, type Page, paginate } from '../../service.ts';
import type { Place, Slot } from '../../world.ts';
import type { ElbState, ListenerRecord, LoadBalancerRecord, TargetGroupRecord } from './records.ts';

const slot: Slot<ElbState> = {
  name: 'elasticloadbalancing',
  scope: 'region',
  initial: () => ({ loadBalancers: {}, targetGroups: {}, listeners: {} }),
};

export const elbState = (place: Place): ElbState => place.world.state(slot, place.region);

/** `arn:aws:elasticloadbalancing:…`. F-300 */
export const arnOf = (place: Place, resource: string): string =>
  `arn:aws:elasticloadbalancing:${place.region}:${place.account}:${resource}`;

export const validationError = (problem: string): ApiError => new ApiError('ValidationError', problem);

export const invalidConfiguration = (problem: string): ApiError =>
  new ApiError('InvalidConfigurationRequestException', problem);

/** A part of AWS that the simulator leaves out, said plainly. */
export const notServed = (what: string): ApiError =>
  new ApiError('NotImplemented', `the simulator does not serve ${what}`, { status: 501 });

export function requireLoadBalancer(place: Place, arn: string): LoadBalancerRecord {
  checkArn(arn, 'loadbalancer', 'load balancer');
  const found = elbState(place).loadBalancers[arn];
  if (found) return found;
  throw new ApiError('LoadBalancerNotFoundException', `Load balancer '${arn}' not found`);
}

export function requireTargetGroup(place: Place, arn: string): TargetGroupRecord {
  checkArn(arn, 'targetgroup', 'target group');
  const found = elbState(place).targetGroups[arn];
  if (found) return found;
  throw new ApiError('TargetGroupNotFoundException', `Target groups '${arn}' not found`);
}

export function requireListener(place: Place, arn: string): ListenerRecord {
  checkArn(arn, 'listener', 'listener');
  const found = elbState(place).listeners[arn];
  if (found) return found;
  throw new ApiError('ListenerNotFoundException', `Listener '${arn}' not found`);
}

/** Refuses what is not an ARN of that kind at all, which AWS tells from one that is not there. */
export function checkArn(arn: string, kind: string, label: string): void {
  const pattern = new RegExp(`^arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:\\d{12}:${kind}/.+$`);
  if (!pattern.test(arn)) throw validationError(`'${arn}' is not a valid ${label} ARN`);
}

/** F-301: 400 a page on AWS where a request names no size; here as few as the world's settings say. */
export function pageOf<T>(
  place: Place,
  items: readonly T[],
  request: { readonly Marker?: string | undefined; readonly PageSize?: number | undefined },
): Page<T> {
  const size = request.PageSize ?? place.world.settings.pageSize;
  return paginate(items, request.Marker, size, () => validationError('Marker is not valid'));
}

/** F-302: what load balancers and target groups may be called. */
export function checkName(name: string, label: string): void {
  const refuse = (problem: string) => validationError(`The ${label} name '${name}' ${problem}`);
  if (name.length > 32) throw refuse("cannot be longer than '32' characters");
  if (!/^[a-zA-Z0-9-]+$/.test(name)) {
    throw refuse('can only contain characters that are alphanumeric characters and hyphens(-)');
  }
  if (/^-|-$/.test(name)) throw refuse('cannot begin or end with a hyphen(-)');
}

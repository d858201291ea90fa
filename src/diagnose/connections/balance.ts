/** Whether new connections reach all consumers alike, and if not, why. Pure. */
import { type ChiSquare, chiSquare, expectedAtLeast } from '../../model/statistics.ts';
import type { Attempt } from '../../probe/plan.ts';
import { inWords } from '../../steps/changes.ts';
import { type Finding, sayFor } from '../finding.ts';
import type { Observations } from '../observations.ts';
import { ifRead } from '../reading.ts';
import { mend, rsds, wantedConsumers } from '../selectors.ts';
import { type Share, sharesOf } from './evidence.ts';

export interface Balance {
  readonly shares: readonly Share[];
  readonly chiSquare: ChiSquare;
}

/** Less likely than this is not chance. */
const unlikely = 1e-4;

export function balanceOf(seen: Observations, attempts: readonly Attempt[]): Balance {
  const consumers = new Set(wantedConsumers(seen).map(({ warehouse }) => warehouse.short));
  const shares = sharesOf(seen, attempts);
  return { shares, chiSquare: chiSquare(shares.filter(({ short }) => consumers.has(short)).map(({ count }) => count)) };
}

export function judgeBalance(
  seen: Observations,
  control: readonly Finding[],
  { shares, chiSquare: { p } }: Balance,
): Finding[] {
  const say = sayFor('balance', 'load balancer');
  const total = shares.reduce((sum, { count }) => sum + count, 0);
  const [first, ...more] = shares.map(({ short, count }) => ({ count, to: `to ${short}` }));
  const each = inWords([`${first?.count} went ${first?.to}`, ...more.map(({ count, to }) => `${count} ${to}`)]);
  const what = `of ${total} new connections ${each}`;
  // That nobody answers is said of the connections.
  if (total === 0) return [];
  if (shares.length < 2) return [say.pass(`all ${total} new connections went to the only consumer`)];
  if (p < unlikely) return [uneven(seen, control, { what: `${what} (p ${formatChance(p)})`, shares })];
  if (total / shares.length < expectedAtLeast) return [tooFew(seen, what, shares)];
  return [say.pass(`${what}: as even as chance makes it (p ${formatChance(p)})`)];
}

/** `= 0.42`, `< 0.0001`. */
export const formatChance = (p: number): string => (p < 0.0001 ? '< 0.0001' : `= ${p.toPrecision(2)}`);

function tooFew(seen: Observations, what: string, shares: readonly Share[]): Finding {
  const enough = expectedAtLeast * shares.length * 2;
  return sayFor('balance', 'load balancer').unchecked({
    why: `${what}: too few to tell chance from a fault`,
    remedy: rsds(seen, `test balance --connections ${enough}`),
  });
}

function uneven(
  seen: Observations,
  control: readonly Finding[],
  { what, shares }: { readonly what: string; readonly shares: readonly Share[] },
): Finding {
  const say = sayFor('balance', 'load balancer');
  const reasons = reasonsFor(seen, control, shares);
  const wished = reasons.length === 1 && reasons[0] === asConfigured;
  const cause = reasons.length > 0 ? reasons.join('; ') : unknownReason;
  if (wished) return say.warn(what, { cause, remedy: 'set loadBalancer.crossZone to true, then rsds up' });
  return say.fail(what, { cause, remedy: reasons.length > 0 ? mend(seen) : rsds(seen, 'test connectivity') });
}

const asConfigured =
  'cross-zone balancing is off, as configured: each zone’s clients get only the consumers of that zone';
const unknownReason = 'nothing that AWS shows explains it: consumers may have joined or left meanwhile';

function reasonsFor(seen: Observations, control: readonly Finding[], shares: readonly Share[]): string[] {
  const sticky = ifRead(seen.targetGroupAttributes)?.['stickiness.enabled'] === 'true';
  const crossZone = ifRead(seen.balancerAttributes)?.['load_balancing.cross_zone.enabled'] === 'true';
  const wished = seen.desired.config.loadBalancer.crossZone;
  const missing = shares.filter(({ count }) => count === 0).flatMap(({ short }) => faultOf(control, short) ?? []);
  return [
    // F-721: by source address, so that all connections of one machine go to one target.
    ...(sticky ? ['stickiness is on: all connections of one address go to the same consumer'] : []),
    ...(crossZone
      ? []
      : [wished ? 'cross-zone balancing is off: each zone’s clients get only its consumers' : asConfigured]),
    ...missing,
  ];
}

function faultOf(control: readonly Finding[], short: string): string | undefined {
  const fault = control.find(({ subject, verdict }) => subject === short && verdict === 'fail');
  return fault && `${short}: ${fault.what}: ${fault.cause}`;
}

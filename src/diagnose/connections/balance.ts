/** Whether new connections reach all consumers alike, and if not, why. Pure. */
import { type ChiSquare, chiSquare, expectedAtLeast } from '../../model/statistics.ts';
import type { Attempt } from '../../probe/plan.ts';
import { inWords } from '../../steps/changes.ts';
import { type Finding, sayFor } from '../finding.ts';
import type { Observations } from '../observations.ts';
import { ifRead } from '../reading.ts';
import { mend, rsds, wantedConsumers } from '../selectors.ts';
import { type Share, sharesOf } from './evidence.ts';
import type { Advice } from './reader-fault.ts';

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

/** `known`: what else was found. */
export function judgeBalance(
  seen: Observations,
  known: readonly Finding[],
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
  if (p < unlikely) return [uneven(seen, known, { what: `${what} (p ${formatChance(p)})`, shares })];
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
  known: readonly Finding[],
  { what, shares }: { readonly what: string; readonly shares: readonly Share[] },
): Finding {
  const say = sayFor('balance', 'load balancer');
  const reasons = reasonsFor(seen, known, shares);
  if (reasons.length === 0) return say.fail(what, { cause: unknownReason, remedy: rsds(seen, 'test connectivity') });
  const advice = {
    cause: reasons.map(({ cause }) => cause).join('; '),
    remedy: [...new Set(reasons.map(({ remedy }) => remedy))].join('\n'),
  };
  return reasons.every(({ wished }) => wished) ? say.warn(what, advice) : say.fail(what, advice);
}

interface Reason extends Advice {
  /** It is so because it was configured so. */
  readonly wished?: boolean;
}

const unknownReason = 'nothing that AWS shows explains it: consumers may have joined or left meanwhile';

function reasonsFor(seen: Observations, known: readonly Finding[], shares: readonly Share[]): Reason[] {
  const sticky = ifRead(seen.targetGroupAttributes)?.['stickiness.enabled'] === 'true';
  const remedy = mend(seen);
  return [
    // F-721: by source address, so that all connections of one machine go to one target.
    ...(sticky ? [{ cause: 'stickiness is on: all connections of one address go to the same consumer', remedy }] : []),
    ...ofZones(seen),
    ...shares.filter(({ count }) => count === 0).flatMap(({ short }) => ofSilent(known, short)),
  ];
}

function ofZones(seen: Observations): Reason[] {
  if (ifRead(seen.balancerAttributes)?.['load_balancing.cross_zone.enabled'] !== 'false') return [];
  const cause = 'cross-zone balancing is off: clients of a zone get only the consumers of that zone';
  if (seen.desired.config.loadBalancer.crossZone) return [{ cause, remedy: mend(seen) }];
  return [
    { cause: `${cause}, as configured`, remedy: 'set loadBalancer.crossZone to true, then rsds up', wished: true },
  ];
}

/** What is known of one that answered none; first what was found out by connecting. */
function ofSilent(known: readonly Finding[], short: string): Reason[] {
  const fault = known.find(({ subject, verdict }) => subject === short && verdict === 'fail');
  return fault ? [{ cause: `${short}: ${fault.cause}`, remedy: fault.remedy ?? '' }] : [];
}

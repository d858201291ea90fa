/** From connections that were tried to findings. Pure. */

import type { Finding } from '../finding.ts';
import { sayFor } from '../finding.ts';
import type { Examined } from '../observations.ts';
import { rsds, wantedConsumers } from '../selectors.ts';
import { type Evidence, type Failures, failuresOf, sharesOf } from './evidence.ts';
import { explain, isOutOfReach, whatKeepsAway } from './explain.ts';
import type { Advice } from './reader-fault.ts';
import { readerFault, readerFaultKind } from './reader-fault.ts';
import { type SilentZone, silentZones } from './silent-zones.ts';

/** Checks of connections, as `check` of their findings. */
export const connectionChecks = ['connections', 'reader', 'answers', 'reach', 'balance', 'load'] as const;

const balancer = 'load balancer';

export function judgeConnections(evidence: Evidence): Finding[] {
  const { seen, attempts } = evidence;
  const failures = failuresOf(seen, attempts);
  const zones = silentZones(seen, attempts);
  const consumers = wantedConsumers(seen).flatMap((one) => ofConsumer(evidence, one, { failures, zones }));
  return [...ofBalancer(evidence, failures), ...consumers];
}

function ofBalancer(evidence: Evidence, failures: readonly Failures[]): Finding[] {
  const { attempts, vantage } = evidence;
  const total = attempts.length;
  if (total === 0) return [];
  const passed = attempts.filter(({ failed }) => !failed).length;
  const say = sayFor('connections', balancer);
  const nobodys = failures.filter(({ short }) => short === undefined);
  const faults = nobodys.map((one) => {
    const sayWhere = isOutOfReach(evidence, one) ? sayFor('reach', vantage) : say;
    return sayWhere.fail(describe(one, total), explain(evidence, one));
  });
  const strange = strangers(evidence);
  if (failures.length > 0) return [...faults, ...strange];
  return [say.pass(`${passed} of ${total} connections passed every layer`), ...strange];
}

const describe = ({ layer, error, count }: Failures, total: number) =>
  `${count} of ${total} connections ended at ${layerNames[layer]}: ${error.code}, ${error.message}`;

export const layerNames: Readonly<Record<Failures['layer'], string>> = {
  dns: 'the name',
  tcp: 'TCP',
  tls: 'TLS',
  login: 'the login',
  identity: 'the question who answers',
  table: 'a shared table',
};

/** Somebody answers who is no consumer of this environment. */
function strangers({ seen, attempts }: Evidence): Finding[] {
  const known = new Set(seen.examined.map(({ warehouse }) => warehouse.short));
  return sharesOf(seen, attempts)
    .filter(({ short }) => !known.has(short))
    .map(({ short, count }) =>
      sayFor('answers', balancer).fail(`${short} answered ${count} connections and is no consumer`, {
        cause: 'something else is registered with the load balancer',
        remedy: rsds(seen, 'diagnose'),
      }),
    );
}

interface Seen {
  readonly failures: readonly Failures[];
  readonly zones: readonly SilentZone[];
}

function ofConsumer(evidence: Evidence, { warehouse }: Examined, around: Seen): Finding[] {
  const { short } = warehouse;
  const own = around.failures.filter((one) => one.short === short);
  return [
    ...ofReader(evidence, short),
    ...own.map((one) => ofFailure(evidence, short, one)),
    ...ofAnswers(evidence, short, around),
  ];
}

/** With what the Data API showed, without any network path. */
function ofReader({ seen, control, readers }: Evidence, short: string): Finding[] {
  const look = readers.get(short);
  const say = sayFor('reader', short);
  if (!look) return [];
  if ('unread' in look) return [say.unchecked(look.unread)];
  const { reader } = seen.desired.config.datashare;
  if (!('error' in look)) return [say.pass(`${reader} logs in and reads the shared data (by the Data API)`)];
  const { error } = look;
  return [
    say.fail(
      `${reader} gets no data (by the Data API): ${error.message}`,
      readerFault(seen, control, { short, error }),
    ),
  ];
}

function ofFailure({ seen, control, attempts }: Evidence, short: string, failures: Failures): Finding {
  const advice = readerFault(seen, control, { short, error: failures.error });
  return sayFor('connections', short).fail(describe(failures, attempts.length), advice);
}

function ofAnswers(evidence: Evidence, short: string, { zones }: Seen): Finding[] {
  const { seen, attempts, readers } = evidence;
  const say = sayFor('answers', short);
  const shares = sharesOf(seen, attempts);
  const count = shares.find((share) => share.short === short)?.count ?? 0;
  if (count > 0) return [say.pass(`answered ${count} of ${attempts.length} connections`)];
  // Where nobody answers it is not the one consumer's matter, and of one that refuses the reader enough has been said.
  const refuses = 'error' in (readers.get(short) ?? {});
  if (refuses || shares.every((share) => share.count === 0)) return [];
  const what = `answered none of ${attempts.length} connections`;
  const reason = whySilent(evidence, short, zones);
  if (reason) return [say.fail(what, reason)];
  return [leftOut(evidence, short, { what, consumers: shares.length })];
}

/** What keeps connections from it, as far as AWS shows it. */
function whySilent(
  { seen, control, attempts }: Evidence,
  short: string,
  zones: readonly SilentZone[],
): Advice | undefined {
  const zone = zones.find(({ shorts }) => shorts.includes(short));
  if (zone) return zone.advice;
  const fault = whatKeepsAway(control, short);
  if (fault) return fault;
  const quiet = attempts.find(({ failed, namespaceId }) => failed && namespaceId === undefined)?.failed;
  if (!quiet || readerFaultKind(quiet.error) !== 'other') return undefined;
  return {
    cause: `connections end before anybody answers (${quiet.error.code}), and it is among those that may be meant`,
    remedy: rsds(seen, `diagnose ${short}`),
  };
}

/** Less likely than this, it is no chance that a consumer got no connection. */
const unlikely = 1e-4;

function leftOut(
  { seen, control, attempts }: Evidence,
  short: string,
  { what, consumers }: { readonly what: string; readonly consumers: number },
): Finding {
  const say = sayFor('answers', short);
  const uneven = control.find(
    ({ check, verdict, what: seenThere }) =>
      verdict === 'warn' && (check === 'cross-zone' || (check === 'target-group' && seenThere.includes('stickiness'))),
  );
  if (uneven) return say.warn(what, { cause: `${uneven.what}: ${uneven.cause}`, remedy: uneven.remedy });
  if ((1 - 1 / consumers) ** attempts.length < unlikely) {
    const cause = 'nothing that AWS shows is the reason: it may have joined, or left, meanwhile';
    return say.fail(what, { cause, remedy: rsds(seen, `diagnose ${short}`) });
  }
  const cause = `with ${consumers} consumers that can be chance; more connections tell`;
  return say.warn(what, { cause, remedy: rsds(seen, 'test balance') });
}

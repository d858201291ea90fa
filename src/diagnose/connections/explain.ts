/** Why connections end where they end: what the control plane or the Data API shows, and only then what the layer suggests. */

import type { Layer } from '../../probe/plan.ts';
import { inWords } from '../../steps/changes.ts';
import type { Finding } from '../finding.ts';
import { rsds, wantedConsumers } from '../selectors.ts';
import { type Evidence, type Failures, sharesOf } from './evidence.ts';
import { type Advice, readerFault, readerFaultKind } from './reader-fault.ts';

/** Of a failure before anybody answered: it may be anybody's. */
export function explain(evidence: Evidence, failures: Failures): Advice {
  return (
    whoRefuses(evidence, failures) ??
    whatIsBroken(evidence.control, failures.layer) ??
    whatTheLayerSuggests(evidence, failures)
  );
}

/** A login that fails on some consumer fails there through the Data API, too. */
function whoRefuses({ seen, control, readers }: Evidence, { layer, error }: Failures): Advice | undefined {
  if (layer !== 'login') return undefined;
  const kind = readerFaultKind(error);
  const same = [...readers].flatMap(([short, look]) =>
    'error' in look && readerFaultKind(look.error) === kind ? [{ short, error: look.error }] : [],
  );
  const [first] = same;
  if (!first) return undefined;
  const { cause, remedy } = readerFault(seen, control, first);
  return { cause: `${inWords(same.map(({ short }) => short))}: ${cause}`, remedy };
}

/** Checks that tell of the way to the load balancer, in its order; then of the consumers behind it. */
const way = ['load-balancer', 'client-path', 'listener', 'target-group'];
const behind = [
  'ownership',
  'namespace',
  'workgroup',
  'endpoint',
  'endpoint-path',
  'zone',
  'target',
  'target-health',
  'pool',
];

/** Layers at which packets, not logins, are what gets lost. */
const networkLayers: ReadonlySet<string> = new Set<Layer>(['dns', 'tcp', 'tls']);

/** The first fault on the way that AWS shows, where it is the way on which connections end. */
export function whatIsBroken(control: readonly Finding[], layer: Layer | 'query'): Advice | undefined {
  if (!networkLayers.has(layer)) return undefined;
  const faults = control.filter(({ verdict }) => verdict === 'fail');
  const order = layer === 'dns' ? way.slice(0, 1) : [...way, ...behind];
  const found = order.flatMap((check) => faults.filter((fault) => fault.check === check))[0];
  return found && { cause: `${found.subject}: ${found.what}: ${found.cause}`, remedy: found.remedy ?? '' };
}

/** The first fault of one consumer that keeps connections away from it. */
export function whatKeepsAway(control: readonly Finding[], short: string): Advice | undefined {
  const found = control.find(
    ({ subject, verdict, check }) => subject === short && verdict === 'fail' && behind.includes(check),
  );
  return found && { cause: `${found.what}: ${found.cause}`, remedy: found.remedy ?? '' };
}

function whatTheLayerSuggests(evidence: Evidence, failures: Failures): Advice {
  const { seen, vantage } = evidence;
  const { layer, error } = failures;
  if (layer === 'dns') {
    const remedy = `mend its DNS, then ${rsds(seen, 'test')}`;
    return { cause: `the resolver of ${vantage} does not know the name`, remedy };
  }
  if (isOutOfReach(evidence, failures)) {
    return {
      cause: `nothing is wrong that AWS shows: ${vantage} has no way into the VPC, where the load balancer's addresses are: a VPN or peering is one, and test instances are inside`,
      remedy: rsds(seen, 'test --from instances'),
    };
  }
  const remedy = rsds(seen, 'diagnose');
  if (!networkLayers.has(layer)) return { cause: `the warehouse says: ${error.message}`, remedy };
  return { cause: `${whoIsSilent(evidence)}, and health checks have not noticed yet`, remedy };
}

/** Consumers that nobody heard, and that the reader can use all the same. */
function whoIsSilent({ seen, attempts, readers }: Evidence): string {
  const known = new Set(wantedConsumers(seen).map(({ warehouse }) => warehouse.short));
  const silent = sharesOf(seen, attempts)
    .filter(({ short, count }) => count === 0 && known.has(short) && !('error' in (readers.get(short) ?? {})))
    .map(({ short }) => short);
  return silent.length > 0 ? `${inWords(silent)} did not answer any connection` : 'a consumer is going or coming';
}

/** Of packets that do not arrive. */
const unreachable = new Set(['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH']);

/**
 * Whether no connection got anywhere, only because this place does not know, or has no way to, the load balancer: an
 * internal one has private addresses only (F-720).
 */
export function isOutOfReach({ attempts, control }: Evidence, { layer }: Failures): boolean {
  const alike = attempts.every(
    ({ failed }) => failed?.layer === 'dns' || (failed?.layer === 'tcp' && unreachable.has(failed.error.code)),
  );
  return alike && whatIsBroken(control, layer) === undefined;
}

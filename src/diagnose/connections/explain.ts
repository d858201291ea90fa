/** Why connections end where they end: what the control plane or the Data API shows, and only then what the layer suggests. */
import { inWords } from '../../steps/changes.ts';
import type { Finding } from '../finding.ts';
import { rsds, wantedConsumers } from '../selectors.ts';
import type { Evidence, Failures } from './evidence.ts';
import { type Advice, readerFault, readerFaultKind } from './reader-fault.ts';

/** Of a failure before anybody answered: it may be anybody's. */
export function explain(evidence: Evidence, failures: Failures): Advice {
  return (
    whoRefuses(evidence, failures) ??
    whatIsBroken(evidence.control, failures.layer) ??
    sayFor(evidence, failures, suspects(evidence))
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
const behind = ['workgroup', 'endpoint', 'endpoint-path', 'zone', 'target', 'target-health', 'pool'];

export function whatIsBroken(control: readonly Finding[], layer: Failures['layer']): Advice | undefined {
  const faults = control.filter(({ verdict }) => verdict === 'fail');
  const order = layer === 'dns' ? way.slice(0, 1) : [...way, ...behind];
  const found = order.flatMap((check) => faults.filter((fault) => fault.check === check))[0];
  if (!found) return undefined;
  return { cause: `${found.subject}: ${found.what}: ${found.cause}`, remedy: found.remedy ?? '' };
}

/** Consumers that nobody heard. */
function suspects({ seen, attempts, readers }: Evidence): string[] {
  const heard = new Set(attempts.flatMap(({ namespaceId }) => namespaceId ?? []));
  const ids = 'value' in seen.namespaces ? seen.namespaces.value : [];
  return wantedConsumers(seen)
    .map(({ warehouse }) => warehouse)
    .filter(({ name }) => !heard.has(ids.find((one) => one.name === name)?.id ?? ''))
    .map(({ short }) => short)
    .filter((short) => !('error' in (readers.get(short) ?? {})));
}

function sayFor({ seen, vantage, attempts }: Evidence, { layer, error }: Failures, silent: readonly string[]): Advice {
  const again = rsds(seen, 'diagnose');
  if (layer === 'dns') {
    return {
      cause: `the resolver of ${vantage} does not know the name`,
      remedy: `mend its DNS, then ${rsds(seen, 'test')}`,
    };
  }
  // F-720: an internal load balancer has private addresses only.
  if (
    layer === 'tcp' &&
    attempts.every(({ failed }) => failed?.layer === 'tcp' && unreachable.has(failed.error.code))
  ) {
    return {
      cause: `nothing is wrong that AWS shows: ${vantage} has no way into the VPC, where the load balancer's addresses are`,
      remedy: `run it inside the VPC, or with a VPN or peering into it: ${rsds(seen, 'test')}`,
    };
  }
  if (layer === 'tcp' || layer === 'tls') {
    const who =
      silent.length > 0 ? `${inWords(silent)} did not answer any connection` : 'a consumer is going or coming';
    return { cause: `${who}, and health checks have not noticed yet`, remedy: again };
  }
  return { cause: `the warehouse says: ${error.message}`, remedy: again };
}

/** Of packets that do not arrive. */
const unreachable = new Set(['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH']);

/** Whether connections failed only because this place has no way to the load balancer. */
export function isOutOfReach(evidence: Evidence, failures: Failures): boolean {
  const { attempts, control } = evidence;
  const alike = attempts.every(
    ({ failed }) => failed && (failed.layer === 'dns' || unreachable.has(failed.error.code)),
  );
  return alike && whatIsBroken(control, failures.layer) === undefined;
}

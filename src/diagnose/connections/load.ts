/** What a load met. Pure. */
import { countOf, mergedBuckets } from '../../model/statistics.ts';
import type { LoadError, LoadReport } from '../../probe/plan.ts';
import { type Finding, sayFor } from '../finding.ts';
import type { Observations } from '../observations.ts';
import { rsds } from '../selectors.ts';
import { nameOf } from './evidence.ts';
import { whatIsBroken, whatKeepsAway } from './explain.ts';
import { readerFault, readerFaultKind } from './reader-fault.ts';

export function judgeLoad(seen: Observations, control: readonly Finding[], report: LoadReport): Finding[] {
  if (report.errors.length > 0) return report.errors.map((error) => ofError(seen, control, error));
  const say = sayFor('load', 'load balancer');
  const answered = countOf(mergedBuckets(Object.values(report.latencies)));
  if (answered === 0) return [say.unchecked({ why: 'it ended before a query was answered' })];
  return [say.pass(`${answered} queries over ${report.opened} connections, none of which was refused or failed`)];
}

function ofError(seen: Observations, control: readonly Finding[], error: LoadError): Finding {
  const { layer, code, message, namespaceId, count, firstAt } = error;
  const short = namespaceId === undefined ? undefined : nameOf(seen, namespaceId);
  const times = count === 1 ? 'once' : `${count} times`;
  const what = `${times} at ${layer}, first after ${firstAt} s: ${code}, ${message}`;
  return sayFor('load', short ?? 'load balancer').fail(what, whyFailed(seen, control, { ...error, short }));
}

function whyFailed(
  seen: Observations,
  control: readonly Finding[],
  { layer, code, message, short }: LoadError & { readonly short: string | undefined },
) {
  const error = { code, message };
  if (short !== undefined && readerFaultKind(error) !== 'other') return readerFault(seen, control, { short, error });
  const broken = whatIsBroken(control, layer) ?? (short === undefined ? undefined : whatKeepsAway(control, short));
  if (broken) return broken;
  return {
    cause: 'nothing that AWS shows explains it: something changed, or gave way, while the load ran',
    remedy: rsds(seen, 'test connectivity'),
  };
}

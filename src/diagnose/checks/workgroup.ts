import { formatDuration } from '../../shared/clock.ts';
import { type Age, ageOf, describeAge, stuckMs, suspiciousMs } from '../ageing.ts';
import { everyRole, type WarehouseCheck } from '../check.ts';
import type { Finding, Say } from '../finding.ts';
import type { Examined, Observations, WorkgroupView } from '../observations.ts';
import { ifRead } from '../reading.ts';
import { absence, awsCli, builderOf, describeBuilder, endpointOf, mend, rsds, workgroupOf } from '../selectors.ts';

/** One that is this old and in MODIFYING unasked is being patched, as a rule (F-903). */
const oldMs = 30 * 60_000;

/** A creation takes so long at the most, as a rule. */
const togetherMs = 5 * 60_000;

export const workgroup: WarehouseCheck = {
  name: 'workgroup',
  question: 'Is the workgroup AVAILABLE, and if not, for how long and why?',
  roles: everyRole,
  findings(seen, say, examined) {
    const { warehouse, wanted } = examined;
    const reading = workgroupOf(seen, warehouse);
    if ('unread' in reading) return [say.unchecked(reading.unread)];
    const found = reading.value;
    const id = `${warehouse.short}/workgroup`;
    if (!found) return wanted ? [absence(seen, say, { what: `the workgroup ${warehouse.name}`, id })] : [];
    if (!wanted) return [surplus(seen, say, found)];
    if (found.status === 'AVAILABLE') return [say.pass(`the workgroup is AVAILABLE`)];
    return [unsettled(seen, say, examined, found)];
  },
};

const surplus = (seen: Observations, say: Say, { status }: WorkgroupView): Finding =>
  say.warn(`the workgroup is ${status}, and is not wanted any more`, {
    cause: 'the configuration has fewer warehouses than stand',
    remedy: mend(seen),
  });

function unsettled(seen: Observations, say: Say, examined: Examined, found: WorkgroupView): Finding {
  const { status } = found;
  const age = ageOf(seen, `${examined.warehouse.short}/workgroup`, 'workgroup', status);
  const what = `the workgroup is ${status}, ${describeAge(age)}`;
  const look = rsds(seen, `diagnose ${examined.warehouse.short}`);
  if (status === 'DELETING') {
    return say.warn(what, { cause: `somebody deletes it${byWhom(seen)}`, remedy: mend(seen) });
  }
  if ((age.seenMs ?? 0) > stuckMs) return stuck(seen, say, examined, { what, found });
  if ((age.seenMs ?? 0) > suspiciousMs) {
    return say.warn(what, { cause: `longer than ten minutes is unusual: ${causes(seen, found, age)}`, remedy: look });
  }
  if (age.seenMs === undefined && !isYoung(seen, found)) {
    return say.warn(what, { cause: causes(seen, found, age), remedy: look });
  }
  return say.warn(what, { cause: `AWS is at it${byWhom(seen)}`, remedy: age.seenMs === undefined ? look : undefined });
}

/** No API cancels what AWS is at, so there are three ways out, and only the second is in our hands (F-904, F-905). */
function stuck(
  seen: Observations,
  say: Say,
  { warehouse }: Examined,
  { what, found }: { what: string; found: WorkgroupView },
): Finding {
  const hasEndpoint = ifRead(endpointOf(seen, warehouse)) !== undefined;
  const name = seen.desired.names.endpoint(warehouse.short);
  return say.fail(what, {
    cause:
      `it is stuck: no API cancels what AWS is at. ${others(seen, found)}` +
      'The ways out are to go on waiting, to delete the workgroup (its data stays in the namespace; AWS may refuse ' +
      'for some minutes) and let rsds make it anew, or a support case',
    remedy: [
      ...(hasEndpoint ? [awsCli(seen, `redshift-serverless delete-endpoint-access --endpoint-name ${name}`)] : []),
      awsCli(seen, `redshift-serverless delete-workgroup --workgroup-name ${warehouse.name}`),
      mend(seen),
    ].join('\n'),
  });
}

function causes(seen: Observations, found: WorkgroupView, { ours }: Age): string {
  const own = ours ? 'what rsds asked for takes longer than usual' : 'no run of rsds asked for it';
  const patching = !ours && !isYoung(seen, found) ? '; AWS may be patching it, which takes up to 15 minutes' : '';
  const track = found.pendingTrack === undefined ? '' : `; it changes to the track ${found.pendingTrack}`;
  return `${own}${patching}${track}`;
}

const isYoung = ({ awsNow }: Observations, { createdAt }: WorkgroupView) => awsNow - createdAt < oldMs;

/** Several in the making at once are what has been seen to leave one behind (F-150). */
function others({ workgroups }: Observations, found: WorkgroupView): string {
  const apart = ({ createdAt }: WorkgroupView) => Math.abs(createdAt - found.createdAt);
  const near = (ifRead(workgroups) ?? []).filter((one) => one.name !== found.name && apart(one) < togetherMs);
  const names = near.map((one) => `${one.name}, ${formatDuration(apart(one))} apart`).join('; ');
  return names === '' ? '' : `Others were in the making at the same time (${names}). `;
}

function byWhom(seen: Observations): string {
  const builder = builderOf(seen);
  return builder ? `; ${describeBuilder(builder)}` : '';
}

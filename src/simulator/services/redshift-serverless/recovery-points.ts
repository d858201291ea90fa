/**
 * Recovery points are worked out when somebody looks: the first a few minutes after a workgroup stands before the
 * namespace's data, then one each half hour, each kept for a day (F-160).
 */
import type {
  GetRecoveryPointRequest,
  GetRecoveryPointResponse,
  ListRecoveryPointsRequest,
  ListRecoveryPointsResponse,
  RecoveryPoint,
} from '@aws-sdk/client-redshift-serverless';
import type { Checked } from '../../checked.ts';
import type { Call } from '../../service.ts';
import type { Place } from '../../world.ts';
import { notFound, pageOf } from './errors.ts';
import { type NamespaceRecord, serverless, workgroupOf } from './state.ts';

const minute = 60_000;
const firstAfterMs = 5 * minute;
const everyMs = 30 * minute;
const keptMs = 24 * 60 * minute;

/** Whether there is a snapshot or recovery point of the namespace that a resize could start from (F-135). */
export function hasBackup(place: Place, namespaceName: string): boolean {
  const { namespaces, snapshots } = serverless(place);
  const namespace = namespaces[namespaceName];
  if (!namespace) return false;
  const isUsable = (snapshot: (typeof snapshots)[string]) =>
    snapshot.namespaceArn === namespace.arn && snapshot.status === 'AVAILABLE';
  return Object.values(snapshots).some(isUsable) || recoveryTimes(place, namespace).length > 0;
}

/** When the recovery points that are still kept were taken, oldest first. */
function recoveryTimes(place: Place, namespace: NamespaceRecord): number[] {
  const oldest = place.now - keptMs;
  return namespace.backedUp.flatMap(({ from, until = place.now }) => {
    const first = from + firstAfterMs;
    const skipped = Math.max(0, Math.ceil((oldest - first) / everyMs));
    const times: number[] = [];
    for (let at = first + skipped * everyMs; at <= until; at += everyMs) times.push(at);
    return times;
  });
}

function listRecoveryPoints(input: Checked<ListRecoveryPointsRequest>, call: Call): ListRecoveryPointsResponse {
  const { namespaceName, namespaceArn, startTime, endTime } = input;
  const points = Object.values(serverless(call).namespaces)
    .filter(({ name, arn }) => (namespaceName ?? name) === name && (namespaceArn ?? arn) === arn)
    .flatMap((namespace) => recoveryPoints(call, namespace))
    .filter(({ recoveryPointCreateTime: at }) => at && (!startTime || at >= startTime) && (!endTime || at <= endTime));
  const { items, nextToken } = pageOf(call, points, input);
  return { recoveryPoints: items, nextToken };
}

function getRecoveryPoint(input: Checked<GetRecoveryPointRequest>, call: Call): GetRecoveryPointResponse {
  const id = input.recoveryPointId;
  const points = Object.values(serverless(call).namespaces).flatMap((namespace) => recoveryPoints(call, namespace));
  const recoveryPoint = points.find(({ recoveryPointId }) => recoveryPointId === id);
  if (!recoveryPoint) throw notFound('recovery point', id);
  return { recoveryPoint };
}

const recoveryPoints = (place: Place, namespace: NamespaceRecord): RecoveryPoint[] =>
  recoveryTimes(place, namespace).map((at) => ({
    recoveryPointId: `${namespace.id}-${at}`,
    recoveryPointCreateTime: new Date(at),
    totalSizeInMegaBytes: 0,
    namespaceName: namespace.name,
    namespaceArn: namespace.arn,
    workgroupName: workgroupOf(place, namespace.name)?.name,
  }));

export const operations = {
  GetRecoveryPoint: getRecoveryPoint,
  ListRecoveryPoints: listRecoveryPoints,
};

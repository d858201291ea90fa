/** Snapshots: taken while a workgroup stands before the data (F-161), kept when workgroup and namespace are gone. */
import type {
  CreateSnapshotRequest,
  CreateSnapshotResponse,
  DeleteNamespaceRequest,
  DeleteSnapshotRequest,
  DeleteSnapshotResponse,
  GetSnapshotRequest,
  GetSnapshotResponse,
  ListSnapshotsRequest,
  ListSnapshotsResponse,
  Snapshot,
  UpdateSnapshotRequest,
  UpdateSnapshotResponse,
} from '@aws-sdk/client-redshift-serverless';
import type { Checked } from '../../checked.ts';
import type { Call } from '../../service.ts';
import type { EventHandler, Place } from '../../world.ts';
import { conflict, invalid, notFound, operationRunning, pageOf } from './errors.ts';
import { isBusy } from './namespace-status.ts';
import { arnOf, type NamespaceRecord, type SnapshotRecord, serverless, workgroupOf } from './state.ts';
import { addTags, checkedTags } from './tags.ts';

const dayMs = 24 * 60 * 60_000;
const forEver = -1;
const retentionDaysMax = 3653;

function createSnapshot(input: Checked<CreateSnapshotRequest>, call: Call): CreateSnapshotResponse {
  const namespace = serverless(call).namespaces[input.namespaceName];
  if (!namespace) throw notFound('namespace', input.namespaceName);
  const workgroup = workgroupOf(call, namespace.name);
  if (!workgroup) {
    throw invalid("You can't create a snapshot because there isn't a workgroup created for the namespace");
  }
  checkedTags(input.tags);
  const name = checkedName(call, input.snapshotName);
  const retentionDays = checkedRetention(input.retentionPeriod);
  // F-162 (Assumption): the warehouse must be at rest.
  if (isBusy(call, namespace) || workgroup.phase === 'stuck') {
    throw conflict('There is an operation running on the namespace. Try creating the snapshot again later.');
  }
  const snapshot = addSnapshot(call, namespace, name, retentionDays);
  addTags(call, snapshot.arn, input.tags);
  return { snapshot: snapshotView(call, snapshot) };
}

/** The snapshot that DeleteNamespace takes on the way out (F-163). */
export function addFinalSnapshot(
  place: Place,
  namespace: NamespaceRecord,
  input: Checked<DeleteNamespaceRequest>,
): void {
  const { finalSnapshotName, finalSnapshotRetentionPeriod } = input;
  if (finalSnapshotName === undefined) {
    if (finalSnapshotRetentionPeriod === undefined) return;
    throw invalid('finalSnapshotRetentionPeriod needs finalSnapshotName.');
  }
  if (namespace.backedUp.length === 0) {
    throw invalid("You can't create a snapshot because there isn't a workgroup created for the namespace");
  }
  const retentionDays = checkedRetention(finalSnapshotRetentionPeriod);
  const snapshot = addSnapshot(place, namespace, checkedName(place, finalSnapshotName), retentionDays);
  addTags(place, snapshot.arn, undefined);
}

function addSnapshot(place: Place, namespace: NamespaceRecord, name: string, retentionDays: number): SnapshotRecord {
  const id = place.world.random.uuid();
  const snapshot: SnapshotRecord = {
    name,
    id,
    arn: arnOf(place, 'snapshot', id),
    namespaceName: namespace.name,
    namespaceArn: namespace.arn,
    adminUsername: namespace.adminUsername,
    kmsKeyId: namespace.kmsKeyId,
    createdAt: place.now,
    status: 'CREATING',
    retentionDays,
  };
  serverless(place).snapshots[name] = snapshot;
  place.world.schedule(place, place.world.draw('snapshot.create'), taken, { id });
  scheduleExpiry(place, snapshot);
  return snapshot;
}

function getSnapshot(input: Checked<GetSnapshotRequest>, call: Call): GetSnapshotResponse {
  const { snapshotName, snapshotArn } = input;
  if ((snapshotName === undefined) === (snapshotArn === undefined)) {
    throw invalid('Specify either snapshotName or snapshotArn.');
  }
  const all = Object.values(serverless(call).snapshots);
  const snapshot = all.find(({ name, arn }) => name === snapshotName || arn === snapshotArn);
  if (!snapshot) throw notFound('snapshot', `${snapshotName ?? snapshotArn}`);
  return { snapshot: snapshotView(call, snapshot) };
}

function listSnapshots(input: Checked<ListSnapshotsRequest>, call: Call): ListSnapshotsResponse {
  const { namespaceName, namespaceArn, startTime, endTime, ownerAccount = call.account } = input;
  const matching = Object.values(serverless(call).snapshots).filter(
    (snapshot) =>
      ownerAccount === call.account &&
      (namespaceName ?? snapshot.namespaceName) === snapshot.namespaceName &&
      (namespaceArn ?? snapshot.namespaceArn) === snapshot.namespaceArn &&
      snapshot.createdAt >= (startTime?.getTime() ?? 0) &&
      snapshot.createdAt <= (endTime?.getTime() ?? Number.POSITIVE_INFINITY),
  );
  const { items, nextToken } = pageOf(call, matching, input);
  return { snapshots: items.map((snapshot) => snapshotView(call, snapshot)), nextToken };
}

function updateSnapshot(input: Checked<UpdateSnapshotRequest>, call: Call): UpdateSnapshotResponse {
  const snapshot = requireSnapshot(call, input.snapshotName);
  snapshot.retentionDays = checkedRetention(input.retentionPeriod ?? snapshot.retentionDays);
  call.world.unschedule(expired, (payload) => payload.id === snapshot.id);
  scheduleExpiry(call, snapshot);
  return { snapshot: snapshotView(call, snapshot) };
}

function deleteSnapshot(input: Checked<DeleteSnapshotRequest>, call: Call): DeleteSnapshotResponse {
  const snapshot = requireSnapshot(call, input.snapshotName);
  if (snapshot.status === 'CREATING') throw operationRunning('snapshot', 'deleting');
  remove(call, snapshot);
  return { snapshot: { ...snapshotView(call, snapshot), status: 'DELETED' } };
}

/** Whether a snapshot of this namespace is being taken: its workgroup can't go meanwhile (F-147). */
export const isBeingSnapshotted = (place: Place, namespaceName: string): boolean =>
  Object.values(serverless(place).snapshots).some(
    (snapshot) => snapshot.namespaceName === namespaceName && snapshot.status === 'CREATING',
  );

const taken = 'redshift-serverless/snapshot-taken';
const expired = 'redshift-serverless/snapshot-expired';

const withSnapshot =
  (handle: (place: Place, snapshot: SnapshotRecord) => void): EventHandler =>
  (place, payload) => {
    const snapshot = Object.values(serverless(place).snapshots).find(({ id }) => id === payload.id);
    if (snapshot) handle(place, snapshot);
  };

export const events: Readonly<Record<string, EventHandler>> = {
  [taken]: withSnapshot((_place, snapshot) => {
    snapshot.status = 'AVAILABLE';
  }),
  [expired]: withSnapshot(remove),
};

function scheduleExpiry(place: Place, snapshot: SnapshotRecord): void {
  if (snapshot.retentionDays === forEver) return;
  const leftMs = snapshot.createdAt + snapshot.retentionDays * dayMs - place.now;
  place.world.schedule(place, leftMs, expired, { id: snapshot.id });
}

function remove(place: Place, snapshot: SnapshotRecord): void {
  const state = serverless(place);
  delete state.snapshots[snapshot.name];
  delete state.tags[snapshot.arn];
  delete state.policies[snapshot.arn];
}

function requireSnapshot(place: Place, name: string): SnapshotRecord {
  const snapshot = serverless(place).snapshots[name];
  if (!snapshot) throw notFound('snapshot', name);
  return snapshot;
}

/** F-164: lower-case letters, digits and single hyphens, a letter first; unique in account and region. */
function checkedName(place: Place, name: string): string {
  if (name.length > 255 || !/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) {
    throw invalid(`The snapshot name ${name} is not valid.`);
  }
  if (serverless(place).snapshots[name]) throw conflict(`Serverless snapshot ${name} already exists.`);
  return name;
}

/** F-165: -1 keeps it for ever, which is what nothing means. */
function checkedRetention(days = forEver): number {
  if (days === forEver || (days >= 1 && days <= retentionDaysMax)) return days;
  throw invalid(`The retention period must be -1 or 1 to ${retentionDaysMax} days.`);
}

function snapshotView(place: Place, snapshot: SnapshotRecord): Snapshot {
  const ageDays = Math.floor((place.now - snapshot.createdAt) / dayMs);
  return {
    namespaceName: snapshot.namespaceName,
    namespaceArn: snapshot.namespaceArn,
    snapshotName: snapshot.name,
    snapshotArn: snapshot.arn,
    snapshotCreateTime: new Date(snapshot.createdAt),
    adminUsername: snapshot.adminUsername,
    status: snapshot.status,
    kmsKeyId: snapshot.kmsKeyId,
    ownerAccount: place.account,
    snapshotRetentionPeriod: snapshot.retentionDays,
    snapshotRemainingDays: snapshot.retentionDays === forEver ? forEver : snapshot.retentionDays - ageDays,
    snapshotRetentionStartTime: new Date(snapshot.createdAt),
    totalBackupSizeInMegaBytes: 0,
    accountsWithRestoreAccess: [],
    accountsWithProvisionedRestoreAccess: [],
  };
}

export const operations = {
  CreateSnapshot: createSnapshot,
  GetSnapshot: getSnapshot,
  ListSnapshots: listSnapshots,
  UpdateSnapshot: updateSnapshot,
  DeleteSnapshot: deleteSnapshot,
};

/**
 * Namespaces: the data of a warehouse. There is no CREATING: a new one is MODIFYING until it is AVAILABLE (F-101). Unlike
 * a workgroup it can be read at once (F-110).
 */
import type {
  CreateNamespaceRequest,
  CreateNamespaceResponse,
  DeleteNamespaceRequest,
  DeleteNamespaceResponse,
  GetNamespaceRequest,
  GetNamespaceResponse,
  ListNamespacesRequest,
  ListNamespacesResponse,
  LogExport,
  Namespace,
  UpdateNamespaceRequest,
  UpdateNamespaceResponse,
} from '@aws-sdk/client-redshift-serverless';
import type { Checked } from '../../checked.ts';
import type { Call } from '../../service.ts';
import type { EventHandler, Place } from '../../world.ts';
import { adminSecretLingers, checkAdmin, makeAdminSecret, releaseAdminSecret } from './admin-password.ts';
import { conflict, invalid, notFound, operationRunning, pageOf } from './errors.ts';
import { checkDatabaseName, checkKey, checkRoles, oneNamespaceChange, ownKey } from './namespace-rules.ts';
import { isBusy, namespaceStatus } from './namespace-status.ts';
import { checkNamespaceCount } from './quotas.ts';
import { addFinalSnapshot } from './snapshots.ts';
import { arnOf, type NamespaceRecord, serverless, visibility, workgroupOf } from './state.ts';
import { addTags, checkedTags } from './tags.ts';

const defaultAdmin = 'admin';

function createNamespace(input: Checked<CreateNamespaceRequest>, call: Call): CreateNamespaceResponse {
  const name = input.namespaceName;
  checkAdmin(input);
  checkDatabaseName(input.dbName);
  checkKey(call, input.kmsKeyId);
  checkKey(call, input.adminPasswordSecretKmsKeyId);
  checkRoles(call, input.iamRoles ?? [], input.defaultIamRoleArn);
  checkedTags(input.tags);
  checkNameFree(call, name, input.adminUsername ?? defaultAdmin);
  const namespace = addNamespace(call, name, input);
  addTags(call, namespace.arn, input.tags);
  call.world.schedule(call, call.world.draw('namespace.create'), settled, { id: namespace.id });
  return { namespace: namespaceView(call, namespace) };
}

/** A deleted namespace's name stays taken while its managed secret is still there (F-106). */
function checkNameFree(place: Place, name: string, adminUsername: string): void {
  const { namespaces, lingering } = serverless(place);
  if (namespaces[name]) throw conflict(`Serverless namespace ${name} already exists.`);
  const lingers = place.now < (lingering[`namespace/${name}`] ?? 0) || adminSecretLingers(place, name, adminUsername);
  if (lingers) throw operationRunning('namespace', 'creating');
  checkNamespaceCount(place);
}

function addNamespace(place: Place, name: string, input: Checked<CreateNamespaceRequest>): NamespaceRecord {
  const id = place.world.random.uuid();
  const adminUsername = input.adminUsername ?? defaultAdmin;
  const secretKey = input.adminPasswordSecretKmsKeyId;
  const namespace: NamespaceRecord = {
    name,
    id,
    arn: arnOf(place, 'namespace', id),
    createdAt: place.now,
    listedAt: visibility(place).listedAt,
    phase: 'creating',
    dbName: input.dbName,
    adminUsername,
    adminSecretArn: input.manageAdminPassword ? makeAdminSecret(place, name, adminUsername, secretKey) : undefined,
    adminSecretKmsKeyId: secretKey,
    kmsKeyId: input.kmsKeyId ?? ownKey,
    roles: [],
    defaultRoleArn: input.defaultIamRoleArn || undefined,
    logExports: input.logExports ?? [],
    backedUp: [],
  };
  serverless(place).namespaces[name] = namespace;
  if (input.iamRoles) setRoles(place, namespace, input.iamRoles);
  return namespace;
}

function getNamespace(input: Checked<GetNamespaceRequest>, call: Call): GetNamespaceResponse {
  return { namespace: namespaceView(call, requireNamespace(call, input.namespaceName)) };
}

function listNamespaces(input: Checked<ListNamespacesRequest>, call: Call): ListNamespacesResponse {
  const listed = Object.values(serverless(call).namespaces).filter(({ listedAt }) => listedAt <= call.now);
  const { items, nextToken } = pageOf(call, listed, input);
  return { namespaces: items.map((namespace) => namespaceView(call, namespace)), nextToken };
}

function updateNamespace(input: Checked<UpdateNamespaceRequest>, call: Call): UpdateNamespaceResponse {
  const namespace = requireNamespace(call, input.namespaceName);
  const change = oneNamespaceChange(input);
  if (isBusy(call, namespace)) throw operationRunning('namespace', 'updating');
  updaters[change](call, namespace, input);
  namespace.phase = 'updating';
  call.world.schedule(call, call.world.draw('namespace.update'), settled, { id: namespace.id });
  return { namespace: namespaceView(call, namespace) };
}

type Updater = (place: Place, namespace: NamespaceRecord, input: Checked<UpdateNamespaceRequest>) => void;

const updaters: Readonly<Record<ReturnType<typeof oneNamespaceChange>, Updater>> = {
  admin: updateAdmin,
  roles: (place, namespace, input) => {
    const arns = input.iamRoles ?? namespace.roles.map(({ arn }) => arn);
    const defaultArn = input.defaultIamRoleArn ?? namespace.defaultRoleArn;
    checkRoles(place, arns, defaultArn);
    // An empty string takes the default role away (F-102).
    namespace.defaultRoleArn = defaultArn || undefined;
    setRoles(place, namespace, arns);
  },
  key: (place, namespace, input) => {
    checkKey(place, input.kmsKeyId);
    namespace.kmsKeyId = input.kmsKeyId ?? namespace.kmsKeyId;
  },
  logs: (_place, namespace, input) => {
    namespace.logExports = input.logExports ?? [];
  },
};

function updateAdmin(place: Place, namespace: NamespaceRecord, input: Checked<UpdateNamespaceRequest>): void {
  const managed = input.manageAdminPassword ?? (namespace.adminSecretArn !== undefined && !input.adminUserPassword);
  checkAdmin(input, managed);
  checkKey(place, input.adminPasswordSecretKmsKeyId);
  if (!managed && input.adminUserPassword === undefined) {
    throw invalid('adminUsername and adminUserPassword must be specified together.');
  }
  const adminUsername = input.adminUsername ?? namespace.adminUsername;
  const secretKey = input.adminPasswordSecretKmsKeyId ?? namespace.adminSecretKmsKeyId;
  const stays = managed && namespace.adminSecretArn !== undefined && adminUsername === namespace.adminUsername;
  if (!stays) {
    const made = managed ? makeAdminSecret(place, namespace.name, adminUsername, secretKey) : undefined;
    releaseAdminSecret(place, namespace);
    namespace.adminSecretArn = made;
  }
  namespace.adminUsername = adminUsername;
  namespace.adminSecretKmsKeyId = managed ? secretKey : undefined;
}

function deleteNamespace(input: Checked<DeleteNamespaceRequest>, call: Call): DeleteNamespaceResponse {
  const namespace = requireNamespace(call, input.namespaceName);
  const workgroup = workgroupOf(call, namespace.name);
  if (namespaceStatus(call, namespace) !== 'AVAILABLE') throw operationRunning('namespace', 'deleting');
  if (workgroup) {
    throw conflict(
      `The namespace ${namespace.name} is associated with the workgroup ${workgroup.name}. Delete the workgroup first.`,
    );
  }
  addFinalSnapshot(call, namespace, input);
  namespace.phase = 'deleting';
  call.world.schedule(call, call.world.draw('namespace.delete'), gone, { id: namespace.id });
  return { namespace: namespaceView(call, namespace) };
}

/** Gives the namespace these roles: new ones are `adding` for a while (F-102). */
function setRoles(place: Place, namespace: NamespaceRecord, arns: readonly string[]): void {
  const known = new Map(namespace.roles.map((role) => [role.arn, role]));
  namespace.roles = arns.map((arn) => known.get(arn) ?? { arn, applyStatus: 'adding' });
  for (const [arn, role] of known) {
    if (!arns.includes(arn)) namespace.roles.push({ ...role, applyStatus: 'removing' });
  }
  place.world.schedule(place, place.world.draw('namespace.role'), rolesApplied, { id: namespace.id });
}

const settled = 'redshift-serverless/namespace-settled';
const gone = 'redshift-serverless/namespace-gone';
const rolesApplied = 'redshift-serverless/namespace-roles-applied';

const withNamespace =
  (handle: (place: Place, namespace: NamespaceRecord) => void): EventHandler =>
  (place, payload) => {
    const namespace = Object.values(serverless(place).namespaces).find(({ id }) => id === payload.id);
    if (namespace) handle(place, namespace);
  };

export const events: Readonly<Record<string, EventHandler>> = {
  [settled]: withNamespace((_place, namespace) => {
    namespace.phase = 'settled';
  }),
  [rolesApplied]: withNamespace((_place, namespace) => {
    const kept = namespace.roles.filter(({ applyStatus }) => applyStatus !== 'removing');
    namespace.roles = kept.map(({ arn }) => ({ arn, applyStatus: 'in-sync' }));
  }),
  [gone]: withNamespace((place, namespace) => {
    const state = serverless(place);
    delete state.namespaces[namespace.name];
    delete state.tags[namespace.arn];
    state.lingering[`namespace/${namespace.name}`] = place.now + releaseAdminSecret(place, namespace);
  }),
};

/** The namespace, whether readers see it yet or not. */
export function requireNamespace(place: Place, name: string): NamespaceRecord {
  const namespace = serverless(place).namespaces[name];
  if (!namespace) throw notFound('namespace', name);
  return namespace;
}

function namespaceView(place: Place, namespace: NamespaceRecord): Namespace {
  return {
    namespaceArn: namespace.arn,
    namespaceId: namespace.id,
    namespaceName: namespace.name,
    adminUsername: namespace.adminUsername,
    // F-102: without a wish of the creator's, the name of the database shows once a workgroup stands before it.
    dbName: namespace.dbName ?? (workgroupOf(place, namespace.name) ? 'dev' : undefined),
    kmsKeyId: namespace.kmsKeyId,
    defaultIamRoleArn: namespace.defaultRoleArn,
    iamRoles: namespace.roles.map(({ arn, applyStatus }) => `IamRole(applyStatus=${applyStatus}, iamRoleArn=${arn})`),
    logExports: namespace.logExports as LogExport[],
    status: namespaceStatus(place, namespace),
    creationDate: new Date(namespace.createdAt),
    adminPasswordSecretArn: namespace.adminSecretArn,
    adminPasswordSecretKmsKeyId: namespace.adminSecretKmsKeyId,
  };
}

export const operations = {
  CreateNamespace: createNamespace,
  GetNamespace: getNamespace,
  ListNamespaces: listNamespaces,
  UpdateNamespace: updateNamespace,
  DeleteNamespace: deleteNamespace,
};

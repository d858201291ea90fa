import type { LogExport, Namespace, UpdateNamespaceCommandInput } from '@aws-sdk/client-redshift-serverless';
import { goneIsFine, orAbsent } from '../../aws/paging.ts';
import type { Tags } from '../../aws/tags.ts';
import type { Change, Known, Resource, ResourceId, Settled } from '../../engine/resource.ts';
import type { Warehouse } from '../../model/desired.ts';
import { isOurs, tagsFor } from '../../model/tags.ts';
import { change, needed, refuse, type StepContext } from '../changes.ts';
import { foreign, ownershipRecord, TagMemory, tagChanges } from '../ownership.ts';
import type { RoleSeen } from '../producer/role.ts';
import type { Encryption } from './encryption.ts';
import { attachedRole } from './iam-roles.ts';
import { namespacesOf } from './lists.ts';

export interface NamespaceSeen {
  readonly namespaceId: string;
  readonly namespaceArn: string;
  readonly status: string;
  readonly dbName: string | undefined;
  readonly adminUsername: string | undefined;
  readonly adminPasswordSecretArn: string | undefined;
  readonly kmsKeyId: string | undefined;
  readonly logExports: readonly string[];
  readonly roles: readonly { readonly arn: string; readonly applyStatus: string }[];
  readonly defaultRoleArn: string | undefined;
  /** Undefined where the ledger's word was taken for them. */
  readonly tags: Tags | undefined;
}

export interface NamespaceOptions {
  readonly warehouse: Warehouse;
  readonly encryption: Encryption;
  /** The role that COPY uses; the producer's only. */
  readonly role?: Resource<RoleSeen>;
  readonly logs: readonly LogExport[];
}

/**
 * The data of a warehouse. It is never replaced: what can't be changed in place is refused while planning, and only
 * `down`, or taking its consumer away, deletes it.
 */
export function namespace(context: StepContext, options: NamespaceOptions): Resource<NamespaceSeen> {
  const { desired, aws } = context;
  const { warehouse, encryption, role } = options;
  const { config } = desired;
  const { name } = warehouse;
  const id: ResourceId = `${warehouse.short}/namespace`;
  const tags = tagsFor(config, id, name);
  const title = `namespace ${name}`;
  const memory = new TagMemory(id, tags, (arn) => aws.serverless.listTags(arn));

  return {
    id,
    step: warehouse.role === 'producer' ? 'producer' : 'consumers',
    kind: 'namespace',
    title,
    needs: [...encryption.needs, ...(role ? [role] : [])],
    usualMs: 17_000,
    async observe(look) {
      const all = await namespacesOf(context, look);
      const found = all.find(({ namespaceName }) => namespaceName === name);
      if (!found) return undefined;
      const read = await orAbsent(memory.of(look, found.namespaceArn ?? '').then((seen) => ({ tags: seen })));
      if (!read) return undefined;
      return read.tags && !isOurs(config, read.tags) ? foreign(title, config) : viewOf(found, read.tags);
    },
    changes(seen, known) {
      if (!seen) return [change('create', `create ${title}, database ${warehouse.database}`, () => create(known))];
      if (seen.status === 'DELETING') return [];
      refuseReplacing(seen, known);
      return [
        ...updates(seen, known),
        ...tagChanges(seen.tags, tags, (missing) => {
          memory.forget();
          return aws.serverless.tag(seen.namespaceArn, missing);
        }),
      ];
    },
    removal: ({ status, namespaceId }) =>
      status === 'DELETING'
        ? []
        : [
            change('delete', `delete ${title} (${namespaceId}) with its data`, () =>
              goneIsFine(aws.serverless.deleteNamespace(name)),
            ),
          ],
    settled: settledNamespace,
    remember: (seen) => ({ ...ownershipRecord(seen.namespaceArn, tags), namespaceId: seen.namespaceId }),
  };

  async function create(known: Known): Promise<void> {
    const answer = await aws.serverless.createNamespace(
      {
        namespaceName: name,
        dbName: warehouse.database,
        adminUsername: config.producer.adminUsername,
        manageAdminPassword: true,
        logExports: [...options.logs],
        ...keyInput(encryption.keyArn(known)),
        ...roleInput(role && needed(known.seen(role), role.title).arn),
      },
      tags,
    );
    memory.set(answer.namespace?.namespaceArn);
  }

  /** One parameter a call: AWS refuses two at once, but for the roles and their default (F-663). */
  function updates(seen: NamespaceSeen, known: Known): Change[] {
    const update = (what: string, input: Omit<UpdateNamespaceCommandInput, 'namespaceName'>) =>
      change('update', what, () => aws.serverless.updateNamespace({ namespaceName: name, ...input }));
    const key = encryption.keyArn(known);
    const roleArn = role && known.seen(role)?.arn;
    const list = (logs: readonly string[]) => [...logs].sort().join(', ') || 'none';
    return [
      ...(seen.adminPasswordSecretArn === undefined
        ? [update('let AWS manage the admin password', { manageAdminPassword: true })]
        : []),
      ...(key !== undefined && !sameKey(seen.kmsKeyId, key)
        ? [update(`key ${seen.kmsKeyId ?? 'of AWS'} → ${key}`, { kmsKeyId: key })]
        : []),
      ...(list(seen.logExports) === list(options.logs)
        ? []
        : [update(`logs ${list(seen.logExports)} → ${list(options.logs)}`, { logExports: [...options.logs] })]),
      ...(roleArn !== undefined && !hasRole(seen, roleArn) ? [update(`role → ${roleArn}`, roleInput(roleArn))] : []),
    ];
  }

  function refuseReplacing(seen: NamespaceSeen, known: Known): void {
    const differs = (setting: string, was: string, will: string): never =>
      refuse({ title }, `${setting} is ${was} and can't become ${will} in place`, replaceHint(warehouse));
    if (seen.dbName !== undefined && seen.dbName !== warehouse.database) {
      differs('its database', seen.dbName, warehouse.database);
    }
    const admin = config.producer.adminUsername;
    if (seen.adminUsername !== undefined && seen.adminUsername !== admin) {
      differs('its admin', seen.adminUsername, admin);
    }
    // A customer's key can be exchanged, never taken away (F-664).
    const own = seen.kmsKeyId !== undefined && seen.kmsKeyId !== awsOwnedKey;
    if (own && encryption.keyArn(known) === undefined && encryption.needs.length === 0) {
      differs('its key', seen.kmsKeyId, 'one of AWS');
    }
  }
}

/** What AWS calls its own key in answers. */
const awsOwnedKey = 'AWS_OWNED_KMS_KEY';

const keyInput = (arn: string | undefined) => (arn === undefined ? {} : { kmsKeyId: arn });

const roleInput = (arn: string | undefined) => (arn === undefined ? {} : { iamRoles: [arn], defaultIamRoleArn: arn });

/** AWS answers an id or an ARN, whichever it was given. */
const sameKey = (seen: string | undefined, arn: string) =>
  seen !== undefined && (seen === arn || arn.endsWith(`/${seen}`));

const hasRole = ({ roles, defaultRoleArn }: NamespaceSeen, arn: string) =>
  defaultRoleArn === arn && roles.some((role) => role.arn === arn && role.applyStatus !== 'removing');

function viewOf(found: Namespace, tags: Tags | undefined): NamespaceSeen {
  return {
    namespaceId: found.namespaceId ?? '',
    namespaceArn: found.namespaceArn ?? '',
    status: found.status ?? '',
    dbName: found.dbName,
    adminUsername: found.adminUsername,
    adminPasswordSecretArn: found.adminPasswordSecretArn,
    kmsKeyId: found.kmsKeyId,
    logExports: found.logExports ?? [],
    roles: (found.iamRoles ?? []).map(attachedRole),
    defaultRoleArn: found.defaultIamRoleArn === undefined ? undefined : attachedRole(found.defaultIamRoleArn).arn,
    tags,
  };
}

/** Roles are usable only once they are in sync, whatever the namespace's own status says. */
function settledNamespace({ status, roles }: NamespaceSeen): Settled {
  if (status !== 'AVAILABLE') return { is: 'pending', status };
  const waiting = roles.find(({ applyStatus }) => applyStatus !== 'in-sync');
  if (!waiting) return { is: 'settled', status };
  return { is: 'pending', status: `role ${waiting.applyStatus}`, why: `${waiting.arn} is not usable yet` };
}

const replaceHint = ({ role, short }: Warehouse) =>
  role === 'producer'
    ? 'put the setting back; the producer holds the data and is never replaced'
    : `put the setting back, or take ${short} away and add it again`;

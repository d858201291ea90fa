import type { Workgroup } from '@aws-sdk/client-redshift-serverless';
import { goneIsFine, orAbsent } from '../../aws/paging.ts';
import type { Tags } from '../../aws/tags.ts';
import type { Change, Known, Look, Resource, ResourceId, Settled } from '../../engine/resource.ts';
import type { Warehouse } from '../../model/desired.ts';
import { isOurs, tagsFor } from '../../model/tags.ts';
import { change, needed, refuse, type StepContext } from '../changes.ts';
import type { RotationOf } from '../nlb/rotation.ts';
import { foreign, ownershipRecord, TagMemory, tagChanges } from '../ownership.ts';
import type { Network } from '../vpc/network.ts';
import type { SecurityGroupSeen } from '../vpc/security-group.ts';
import { type Backup, backupChanges, backupFor, backupRecord } from './backup.ts';
import { namespacesOf, workgroupsOf } from './lists.ts';
import type { NamespaceSeen } from './namespace.ts';
import { initialParameters, parameterInput, updatesOf, type WorkgroupWish } from './workgroup-updates.ts';

export interface WorkgroupSeen {
  readonly workgroupArn: string;
  readonly status: string;
  /** Of the namespace in the same look: AWS works on both, and says so on either. Asked of an AVAILABLE one alone. */
  readonly namespaceStatus: string | undefined;
  /** As AWS describes it. */
  readonly workgroup: Workgroup;
  readonly backup: Backup;
  /** Undefined where the ledger's word was taken for them. */
  readonly tags: Tags | undefined;
  /** Whether it must get out of clients' way before it is updated. Asked only where an update is wanted. */
  readonly mustLeave: boolean;
}

export interface WorkgroupOptions {
  readonly warehouse: Warehouse;
  readonly namespace: Resource<NamespaceSeen>;
  readonly network: Network;
  readonly group: Resource<SecurityGroupSeen>;
  /** Of a consumer behind the load balancer: it leaves that before it is updated. */
  readonly rotation?: RotationOf | undefined;
}

const minute = 60_000;

/** The compute of a warehouse, made with its final size: a later change of RPUs needs something to restore from. */
export function workgroup(context: StepContext, options: WorkgroupOptions): Resource<WorkgroupSeen> {
  const { desired, aws } = context;
  const { warehouse, namespace, network, group, rotation } = options;
  const { config } = desired;
  const { name } = warehouse;
  const id: ResourceId = `${warehouse.short}/workgroup`;
  const tags = tagsFor(config, id, name);
  const title = `workgroup ${name}`;
  const memory = new TagMemory(id, tags, (arn) => aws.serverless.listTags(arn));

  const wish = (known: Known): WorkgroupWish => ({
    warehouse,
    port: config.loadBalancer.port,
    subnetIds: network.subnetIds(known),
    groupId: known.seen(group)?.groupId,
  });

  return {
    id,
    step: warehouse.role === 'producer' ? 'producer' : 'consumers',
    kind: 'workgroup',
    title,
    needs: [namespace, group, ...network.subnets],
    laned: name,
    // AVAILABLE, MODIFYING, AVAILABLE is the normal course of a creation (F-665).
    settledReads: 2,
    settleTimeoutMs: 30 * minute,
    usualMs: 210_000,
    async observe(look) {
      const all = await workgroupsOf(context, look);
      const found = all.find(({ workgroupName }) => workgroupName === name);
      if (!found) return undefined;
      const read = await orAbsent(memory.of(look, found.workgroupArn ?? '').then((seen) => ({ tags: seen })));
      if (!read) return undefined;
      if (read.tags && !isOurs(config, read.tags)) return foreign(title, config);
      return viewOf(found, look, read.tags);
    },
    changes(seen, known) {
      const { baseCapacity, maxCapacity } = warehouse;
      const size = `${baseCapacity}${maxCapacity === undefined ? '' : `-${maxCapacity}`} RPUs`;
      if (!seen) return [change('create', `create ${title}, ${size}`, () => create(known), { lane: true })];
      if (seen.status === 'DELETING') return [];
      refuseReplacing(seen.workgroup, wish(known));
      return [
        // First of all, so that nobody waits for its turn who holds the lane.
        ...leaving(seen, known),
        ...backupChanges(context, { warehouse, backup: seen.backup }),
        ...updatesOf(seen.workgroup, wish(known)).map(({ title: what, interrupts, input }) =>
          change('update', what, () => aws.serverless.updateWorkgroup({ workgroupName: name, ...input }), {
            lane: true,
            // Nobody is there any more whose queries could be cancelled.
            ...(interrupts === undefined || seen.mustLeave ? {} : { interrupts }),
          }),
        ),
        ...tagged(seen),
      ];
    },
    removal: ({ status }) =>
      status === 'DELETING'
        ? []
        : [change('delete', `delete ${title}`, () => goneIsFine(aws.serverless.deleteWorkgroup(name)))],
    settled: settledWorkgroup,
    remember: (seen) => ({ ...ownershipRecord(seen.workgroupArn, tags), ...backupRecord(seen.backup) }),
  };

  async function viewOf(found: Workgroup, look: Look, read: Tags | undefined): Promise<WorkgroupSeen> {
    const namespaces = found.status === 'AVAILABLE' ? await namespacesOf(context, look) : [];
    const updates = updatesOf(found, wish(look));
    const resizes = updates.some(({ resizes }) => resizes);
    const mustLeave = updates.length > 0 && ((await rotation?.mustLeave(look, look.recorded(id))) ?? false);
    return {
      workgroupArn: found.workgroupArn ?? '',
      status: found.status ?? '',
      namespaceStatus: namespaces.find(({ namespaceName }) => namespaceName === name)?.status,
      workgroup: found,
      backup: await backupFor(context, { warehouse, id, resizes, look }),
      tags: read,
      mustLeave,
    };
  }

  function leaving({ mustLeave }: WorkgroupSeen, known: Known): Change[] {
    if (!rotation || !mustLeave || rotation.isOut()) return [];
    const secretArn = known.seen(namespace)?.adminPasswordSecretArn;
    const { database } = warehouse;
    return [rotation.leave(secretArn === undefined ? undefined : { workgroup: name, database, secretArn })];
  }

  async function create(known: Known): Promise<void> {
    const { baseCapacity, maxCapacity } = warehouse;
    const { subnetIds, port, groupId } = wish(known);
    const answer = await aws.serverless.createWorkgroup(
      {
        workgroupName: name,
        namespaceName: name,
        baseCapacity,
        ...(maxCapacity === undefined ? {} : { maxCapacity }),
        // Unset, it would be on, and rule the base itself (F-666).
        pricePerformanceTarget: { status: 'DISABLED' },
        ...parameterInput(initialParameters(warehouse)),
        enhancedVpcRouting: config.network.enhancedVpcRouting,
        publiclyAccessible: false,
        port,
        subnetIds: [...subnetIds],
        securityGroupIds: [needed(groupId, group.title)],
      },
      tags,
    );
    memory.set(answer.workgroup?.workgroupArn);
  }

  function tagged({ workgroupArn, tags: read }: WorkgroupSeen): Change[] {
    return tagChanges(read, tags, (missing) => {
      memory.forget();
      return aws.serverless.tag(workgroupArn, missing);
    });
  }

  function refuseReplacing(seen: Workgroup, { subnetIds }: WorkgroupWish): void {
    const { enhancedVpcRouting } = config.network;
    if ((seen.enhancedVpcRouting ?? false) !== enhancedVpcRouting) {
      // F-667: settled at creation.
      const [was, will] = enhancedVpcRouting ? ['off', 'on'] : ['on', 'off'];
      refuse({ title }, `enhanced VPC routing is ${was} and can't become ${will} in place`, replaceHint(warehouse));
    }
    const stays = (seen.subnetIds ?? []).some((subnetId) => subnetIds.includes(subnetId));
    if (subnetIds.length > 0 && (seen.subnetIds ?? []).length > 0 && !stays && network.vpc.length === 0) {
      refuse({ title }, 'it stands in other subnets, none of which is wanted any more', replaceHint(warehouse));
    }
  }
}

function settledWorkgroup({ status, namespaceStatus }: WorkgroupSeen): Settled {
  if (status === 'AVAILABLE' && namespaceStatus === 'AVAILABLE') return { is: 'settled', status };
  if (status === 'MODIFYING')
    return {
      is: 'pending',
      status,
      why: 'AWS goes on working on a workgroup after it first is AVAILABLE, and after each change',
    };
  return { is: 'pending', status: status === 'AVAILABLE' ? `namespace ${namespaceStatus ?? 'absent'}` : status };
}

const replaceHint = ({ role, short }: Warehouse) =>
  role === 'producer'
    ? 'put the setting back, or run `rsds down` and restore from its final snapshot'
    : `put the setting back, or take ${short} away and add it again`;

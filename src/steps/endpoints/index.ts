/** The step `endpoints`: one managed VPC endpoint for each consumer, which the load balancer can reach by address. */
import type { EndpointAccess } from '@aws-sdk/client-redshift-serverless';
import { goneIsFine } from '../../aws/paging.ts';
import type { Known, Look, Resource, ResourceId, Settled } from '../../engine/resource.ts';
import type { Warehouse } from '../../model/desired.ts';
import { ServiceError } from '../../shared/errors.ts';
import { change, needed, refuse, type StepContext } from '../changes.ts';
import { foreign } from '../ownership.ts';
import type { Network } from '../vpc/network.ts';
import type { SecurityGroupSeen } from '../vpc/security-group.ts';
import { endpointsOf, workgroupsOf } from '../warehouse/lists.ts';
import type { WorkgroupSeen } from '../warehouse/workgroup.ts';

export interface EndpointSeen {
  readonly name: string;
  /** CREATING, ACTIVE, MODIFYING, DELETING: free text in AWS's model. */
  readonly status: string;
  /** DNS name. */
  readonly address: string | undefined;
  readonly port: number | undefined;
  /** One in one zone, as a rule; none while it is being created. */
  readonly addresses: readonly string[];
  readonly groupIds: readonly string[];
  readonly subnetIds: readonly string[];
}

export interface EndpointOptions {
  readonly warehouse: Warehouse;
  readonly workgroup: Resource<WorkgroupSeen>;
  readonly network: Network;
  readonly group: Resource<SecurityGroupSeen>;
}

export function endpointAccess(context: StepContext, options: EndpointOptions): Resource<EndpointSeen> {
  const { desired, aws } = context;
  const { warehouse, workgroup, network, group } = options;
  const id: ResourceId = `${warehouse.short}/endpoint`;
  const name = desired.names.endpoint(warehouse.short);
  const title = `endpoint ${name}`;

  return {
    id,
    step: 'endpoints',
    kind: 'endpoint',
    title,
    needs: [workgroup, group, ...network.subnets],
    usualMs: 120_000,
    async observe(look) {
      const all = await endpointsOf(context, look);
      const found = all.find(({ endpointName }) => endpointName === name);
      if (!found) return undefined;
      const ours = found.workgroupName === warehouse.name && !(await hangsOnForeign(look));
      return ours ? viewOf(found) : foreign(`${title} of workgroup ${found.workgroupName ?? ''}`, desired.config);
    },
    changes(seen, known) {
      if (!seen) return [change('create', `create ${title}`, () => create(known))];
      if (seen.status === 'DELETING') return [];
      const subnetIds = network.subnetIds(known);
      if (subnetIds.length > 0 && !seen.subnetIds.some((subnetId) => subnetIds.includes(subnetId))) {
        refuse({ title }, 'it stands in a subnet that is not wanted any more', replaceHint(warehouse));
      }
      const groupId = known.seen(group)?.groupId;
      const right = groupId === undefined || (seen.groupIds.length === 1 && seen.groupIds[0] === groupId);
      if (right) return [];
      const update = () => aws.serverless.updateEndpointAccess(name, [groupId]);
      return [change('update', `security groups ${seen.groupIds.join(', ')} → ${groupId}`, update)];
    },
    removal: ({ status }) =>
      status === 'DELETING'
        ? []
        : [change('delete', `delete ${title}`, () => goneIsFine(aws.serverless.deleteEndpointAccess(name)))],
    settled: settledEndpoint,
    remember: ({ addresses }) => ({ id: name, addresses: [...addresses] }),
  };

  /** It carries no tags: it is ours if its name is exactly ours and what it hangs on is not somebody else's (F-670). */
  async function hangsOnForeign(look: Look): Promise<boolean> {
    if (look.seen(workgroup) !== undefined) return false;
    const workgroups = await workgroupsOf(context, look);
    return workgroups.some(({ workgroupName }) => workgroupName === warehouse.name);
  }

  /**
   * One subnet, so that the consumers are spread over the zones whatever AWS would choose. Where that one is refused
   * nothing has been made, and AWS gets the choice of all (F-674).
   */
  async function create(known: Known): Promise<void> {
    const subnetIds = network.subnetIds(known);
    const own = needed(subnetIds[((warehouse.number ?? 1) - 1) % Math.max(1, subnetIds.length)], 'a subnet');
    try {
      await make(known, [own]);
    } catch (error) {
      if (!(error instanceof ServiceError) || !['invalid', 'capacity'].includes(error.kind)) throw error;
      await make(known, subnetIds);
    }
  }

  function make(known: Known, subnetIds: string[]): Promise<unknown> {
    return aws.serverless.createEndpointAccess({
      endpointName: name,
      workgroupName: warehouse.name,
      subnetIds,
      // Without it AWS takes the VPC's default group, which lets nobody in (F-122).
      vpcSecurityGroupIds: [needed(known.seen(group), group.title).groupId],
    });
  }
}

/** One, as a rule; none while it is being created. */
export function addressesOf({ vpcEndpoint }: EndpointAccess): string[] {
  return (vpcEndpoint?.networkInterfaces ?? []).flatMap(({ privateIpAddress }) => privateIpAddress ?? []);
}

function viewOf(found: EndpointAccess): EndpointSeen {
  return {
    name: found.endpointName ?? '',
    status: found.endpointStatus ?? '',
    address: found.address,
    port: found.port,
    addresses: addressesOf(found),
    groupIds: (found.vpcSecurityGroups ?? []).flatMap(({ vpcSecurityGroupId }) => vpcSecurityGroupId ?? []),
    subnetIds: found.subnetIds ?? [],
  };
}

/** ACTIVE alone is not enough: the load balancer needs its address. Unknown words mean that AWS is at it (F-676). */
function settledEndpoint({ status, addresses }: EndpointSeen): Settled {
  if (status !== 'ACTIVE') return { is: 'pending', status };
  return addresses.length > 0 ? { is: 'settled', status } : { is: 'pending', status: 'ACTIVE, no address yet' };
}

const replaceHint = ({ short }: Warehouse) => `put the subnets back, or take ${short} away and add it again`;

import type { VpcEndpoint } from '@aws-sdk/client-ec2';
import { type Tags, tagRecord } from '../../aws/tags.ts';
import { Foreign, type Known, type Resource } from '../../engine/resource.ts';
import { tagsFor } from '../../model/tags.ts';
import { change, needed, type StepContext } from '../changes.ts';
import { ownershipRecord, pick, tagChanges } from '../ownership.ts';
import type { RouteTableSeen } from './route-table.ts';
import type { VpcSeen } from './vpc.ts';

export interface S3EndpointSeen {
  readonly vpcEndpointId: string;
  readonly state: string;
  readonly routeTableIds: readonly string[];
  readonly tags: Tags;
}

const id = 'vpc/s3-endpoint';

/** With enhanced VPC routing COPY and UNLOAD go through the VPC, which has no other way to S3 (F-658). */
export function s3Endpoint(
  { desired, aws }: StepContext,
  vpc: Resource<VpcSeen>,
  routeTable: Resource<RouteTableSeen>,
): Resource<S3EndpointSeen> {
  const { config, names } = desired;
  const service = s3ServiceName(config.region);
  const tags = tagsFor(config, id, names.s3Endpoint);
  const title = `S3 gateway endpoint ${names.s3Endpoint}`;

  const identify = ({ VpcEndpointId = '', Tags }: VpcEndpoint) => {
    const seen = tagRecord(Tags);
    return { id: VpcEndpointId, tags: seen, named: seen.Name === names.s3Endpoint };
  };

  return {
    id,
    step: 'vpc',
    kind: 's3-endpoint',
    title,
    needs: [vpc, routeTable],
    usualMs: 30_000,
    async observe(look) {
      const vpcId = look.seen(vpc)?.vpcId;
      if (vpcId === undefined) return undefined;
      const all = await look.once('ec2/s3-endpoints', () => gatewaysOf(vpcId));
      const found = pick(config, id, all, { look, identify });
      if (found === undefined || found instanceof Foreign) return found;
      return {
        vpcEndpointId: found.VpcEndpointId ?? '',
        state: (found.State ?? '').toLowerCase(),
        routeTableIds: found.RouteTableIds ?? [],
        tags: tagRecord(found.Tags),
      };
    },
    changes(seen, known) {
      if (!seen) return [change('create', `create ${title}`, () => create(known))];
      const wanted = known.seen(routeTable)?.routeTableId;
      // A table that is yet to be made has no route to it either.
      const unrouted = wanted === undefined || !seen.routeTableIds.includes(wanted);
      return [
        ...(unrouted ? [change('update', `route S3 through it in ${routeTable.title}`, () => route(seen, known))] : []),
        ...tagChanges(seen.tags, tags, (missing) => aws.ec2.createTags(seen.vpcEndpointId, missing)),
      ];
    },
    removal: ({ state, vpcEndpointId }) =>
      state === 'deleting'
        ? []
        : [change('delete', `delete ${title} (${vpcEndpointId})`, () => aws.ec2.deleteVpcEndpoint(vpcEndpointId))],
    settled: ({ state }) =>
      state === 'available' ? { is: 'settled', status: state } : { is: 'pending', status: state },
    remember: ({ vpcEndpointId }) => ownershipRecord(vpcEndpointId, tags),
  };

  /** Without those that are gone already and only still listed. */
  async function gatewaysOf(vpcId: string): Promise<VpcEndpoint[]> {
    const all = await aws.ec2.describeVpcEndpoints({ 'vpc-id': [vpcId], 'service-name': [service] });
    return all.filter(({ State }) => State?.toLowerCase() !== 'deleted');
  }

  async function create(known: Known): Promise<void> {
    const VpcId = needed(known.seen(vpc), vpc.title).vpcId;
    const { routeTableId } = needed(known.seen(routeTable), routeTable.title);
    const gateway = { VpcId, ServiceName: service, VpcEndpointType: 'Gateway' as const, RouteTableIds: [routeTableId] };
    await aws.ec2.createVpcEndpoint(gateway, tags);
  }

  function route({ vpcEndpointId }: S3EndpointSeen, known: Known): Promise<unknown> {
    const { routeTableId } = needed(known.seen(routeTable), routeTable.title);
    return aws.ec2.modifyVpcEndpoint({ VpcEndpointId: vpcEndpointId, AddRouteTableIds: [routeTableId] });
  }
}

/** The name of S3 as a VPC endpoint's service, and of its prefix list. */
export const s3ServiceName = (region: string): string => `com.amazonaws.${region}.s3`;

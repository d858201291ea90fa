import type { RouteTable } from '@aws-sdk/client-ec2';
import { goneIsFine } from '../../aws/paging.ts';
import { type Tags, tagRecord } from '../../aws/tags.ts';
import { type Change, Foreign, type Known, type Resource } from '../../engine/resource.ts';
import { isOurs, tagsFor } from '../../model/tags.ts';
import { change, needed, type StepContext } from '../changes.ts';
import { ownershipRecord, pick, tagChanges } from '../ownership.ts';
import type { SubnetSeen } from './subnet.ts';
import type { VpcSeen } from './vpc.ts';

export interface RouteTableSeen {
  readonly routeTableId: string;
  /** Subnet → its association, of all route tables of the VPC. */
  readonly associations: Readonly<Record<string, { readonly id: string; readonly routeTableId: string }>>;
  readonly tags: Tags;
}

const id = 'vpc/route-table';

/** The one route table of all subnets: no route but the VPC's own, so nothing leads out. */
export function routeTable(
  { desired, aws }: StepContext,
  vpc: Resource<VpcSeen>,
  subnets: readonly Resource<SubnetSeen>[],
): Resource<RouteTableSeen> {
  const { config, names } = desired;
  const tags = tagsFor(config, id, names.routeTable);
  const title = `route table ${names.routeTable}`;

  const identify = ({ RouteTableId = '', Tags }: RouteTable) => {
    const seen = tagRecord(Tags);
    return { id: RouteTableId, tags: seen, named: seen.Name === names.routeTable };
  };

  return {
    id,
    step: 'vpc',
    kind: 'route-table',
    title,
    needs: [vpc, ...subnets],
    usualMs: 5_000,
    async observe(look) {
      const vpcId = look.seen(vpc)?.vpcId;
      if (vpcId === undefined) return undefined;
      const all = await look.once('ec2/route-tables', () => aws.ec2.describeRouteTables({ 'vpc-id': [vpcId] }));
      const found = pick(config, id, all, { look, identify });
      if (found === undefined || found instanceof Foreign) return found;
      return {
        routeTableId: found.RouteTableId ?? '',
        associations: associationsOf(all),
        tags: tagRecord(found.Tags),
      };
    },
    changes(seen, known) {
      if (!seen) return [change('create', `create ${title}, no way out`, () => create(known))];
      return [
        ...subnets.flatMap((subnet) => associationChanges(seen, subnet, known)),
        ...tagChanges(seen.tags, tags, (missing) => aws.ec2.createTags(seen.routeTableId, missing)),
      ];
    },
    removal({ routeTableId, associations }) {
      const own = Object.entries(associations).filter(([, one]) => one.routeTableId === routeTableId);
      return [
        ...own.map(([subnetId, association]) =>
          change('delete', `take ${title} off ${subnetId}`, () =>
            goneIsFine(aws.ec2.disassociateRouteTable(association.id)),
          ),
        ),
        change('delete', `delete ${title} (${routeTableId})`, () => goneIsFine(aws.ec2.deleteRouteTable(routeTableId))),
      ];
    },
    settled: () => ({ is: 'settled' }),
    remember: ({ routeTableId }) => ownershipRecord(routeTableId, tags),
  };

  /** A token would have to be remembered before it is used; looking for the tags needs no memory (F-657). */
  async function create(known: Known): Promise<void> {
    const VpcId = needed(known.seen(vpc), vpc.title).vpcId;
    const all = await aws.ec2.describeRouteTables({ 'vpc-id': [VpcId] });
    const there = all.map(identify).some((one) => one.named && isOurs(config, one.tags));
    if (!there) await aws.ec2.createRouteTable({ VpcId }, tags);
  }

  function associationChanges(seen: RouteTableSeen, subnet: Resource<SubnetSeen>, known: Known): Change[] {
    const subnetId = known.seen(subnet)?.subnetId;
    if (subnetId === undefined) return [];
    const present = seen.associations[subnetId];
    if (present?.routeTableId === seen.routeTableId) return [];
    const use = () =>
      present === undefined
        ? aws.ec2.associateRouteTable(seen.routeTableId, subnetId)
        : aws.ec2.replaceRouteTable(present.id, seen.routeTableId);
    const before = present === undefined ? '' : ` instead of ${present.routeTableId}`;
    return [change('update', `use ${title} in ${subnet.title}${before}`, use)];
  }
}

/** The explicit ones; a subnet without any uses the VPC's main table. */
function associationsOf(tables: readonly RouteTable[]): RouteTableSeen['associations'] {
  const explicit = tables.flatMap(({ Associations = [], RouteTableId = '' }) =>
    Associations.filter(
      ({ SubnetId, AssociationState }) => SubnetId && AssociationState?.State !== 'disassociated',
    ).map(
      ({ SubnetId = '', RouteTableAssociationId = '' }) =>
        [SubnetId, { id: RouteTableAssociationId, routeTableId: RouteTableId }] as const,
    ),
  );
  return Object.fromEntries(explicit);
}

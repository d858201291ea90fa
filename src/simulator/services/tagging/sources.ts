/** The services whose resources the tagging API finds. IAM's roles are none of them. F-590 */
import type { Place } from '../../world.ts';
import { taggedResources as tables } from '../dynamodb/state.ts';
import { taggedResources as networks } from '../ec2/tags.ts';
import { taggedResources as balancers } from '../elasticloadbalancing/tags.ts';
import { taggedResources as keys } from '../kms/shared.ts';
import { taggedResources as alarms } from '../monitoring/alarms.ts';
import { taggedResources as warehousesByName } from '../redshift-serverless/lookup.ts';
import { taggedResources as secrets } from '../secretsmanager/shared.ts';
import type { TaggedResource, TaggedSource } from './registry.ts';

const warehouses = (place: Place): TaggedResource[] =>
  warehousesByName(place).map(({ arn, tags }) => ({
    arn,
    tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
  }));

export const sources: readonly TaggedSource[] = [alarms, balancers, keys, networks, secrets, tables, warehouses];

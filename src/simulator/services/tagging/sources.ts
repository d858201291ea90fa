/** The services whose resources the tagging API finds. IAM's roles are none of them. F-590 */
import { taggedResources as tables } from '../dynamodb/state.ts';
import { taggedResources as keys } from '../kms/shared.ts';
import { taggedResources as alarms } from '../monitoring/alarms.ts';
import { taggedResources as secrets } from '../secretsmanager/shared.ts';
import type { TaggedSource } from './registry.ts';

export const sources: readonly TaggedSource[] = [alarms, keys, secrets, tables];

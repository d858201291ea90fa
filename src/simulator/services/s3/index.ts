/** Amazon S3: buckets with their settings, objects with versions and conditional writes. */
import type { Service } from '../../service.ts';
import { bucketOperations } from './buckets.ts';
import { deletionOperations } from './deletion.ts';
import { listOperations } from './listing.ts';
import { objectOperations } from './objects.ts';
import { settingOperations } from './settings.ts';

export const service: Service = {
  name: 's3',
  operations: {
    ...bucketOperations,
    ...settingOperations,
    ...objectOperations,
    ...deletionOperations,
    ...listOperations,
  },
};

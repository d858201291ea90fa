/** The Redshift Data API: SQL without a connection. */
import type { DataPlane } from '../../plane/data-plane.ts';
import type { Service } from '../../service.ts';
import { resultOperations } from './fetching.ts';
import { listingOperations } from './listing.ts';
import { runOperations } from './run.ts';
import { sessionOperations } from './sessions.ts';
import { statementOperations } from './statements.ts';

export const createRedshiftDataService = (plane: DataPlane): Service => ({
  name: 'redshift-data',
  free: () => plane.free(),
  operations: {
    ...runOperations(plane),
    ...statementOperations,
    ...resultOperations,
    ...sessionOperations,
    ...listingOperations(plane),
  },
});

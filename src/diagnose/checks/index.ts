/** Every check there is, in the order of the report. A new one is a file and a line here. */
import type { SharedCheck, WarehouseCheck } from '../check.ts';
import { capacity } from './capacity.ts';
import { clientPath } from './client-path.ts';
import { crossZone } from './cross-zone.ts';
import { datashare } from './datashare.ts';
import { directPath } from './direct-path.ts';
import { endpoint } from './endpoint.ts';
import { endpointPath } from './endpoint-path.ts';
import { environmentLock } from './environment-lock.ts';
import { foreignWorkgroups } from './foreign-workgroups.ts';
import { freeAddresses } from './free-addresses.ts';
import { grant } from './grant.ts';
import { identity } from './identity.ts';
import { idleTimeout } from './idle-timeout.ts';
import { key } from './key.ts';
import { ledger } from './ledger.ts';
import { listener } from './listener.ts';
import { loadBalancer } from './load-balancer.ts';
import { lockTables } from './lock-tables.ts';
import { namespace } from './namespace.ts';
import { network } from './network.ts';
import { ownEndpoint } from './own-endpoint.ts';
import { sharedOwnership, warehouseOwnership } from './ownership.ts';
import { pool } from './pool.ts';
import { presence } from './presence.ts';
import { quotas } from './quotas.ts';
import { readerSecret } from './reader-secret.ts';
import { sharedData } from './shared-data.ts';
import { target } from './target.ts';
import { targetGroup } from './target-group.ts';
import { targetHealth } from './target-health.ts';
import { usageLimit } from './usage-limit.ts';
import { workgroup } from './workgroup.ts';
import { workgroupLane } from './workgroup-lane.ts';
import { zone } from './zone.ts';

export const sharedChecks: readonly SharedCheck[] = [
  identity,
  presence,
  ledger,
  sharedOwnership,
  key,
  readerSecret,
  environmentLock,
  workgroupLane,
  foreignWorkgroups,
  lockTables,
  quotas,
  network,
  freeAddresses,
  loadBalancer,
  clientPath,
  listener,
  idleTimeout,
  crossZone,
  targetGroup,
  pool,
];

export const warehouseChecks: readonly WarehouseCheck[] = [
  warehouseOwnership,
  namespace,
  workgroup,
  capacity,
  usageLimit,
  ownEndpoint,
  directPath,
  endpoint,
  endpointPath,
  target,
  zone,
  targetHealth,
  datashare,
  grant,
  sharedData,
];

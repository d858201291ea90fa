/** All rules about the configuration as a whole. */
import { deactivatingLimits, emptyPool, maxNotBelowBase, rareSizes, totalBase, warehouseQuota } from './capacity.ts';
import { keyRegion, nameLengths, tagCase } from './identity.ts';
import { blockSizes, clientNetworks, subnetPlaces, subnetRoom, vpcKind, zones } from './network.ts';
import type { Rule } from './rule.ts';
import { databaseNames, sharedObjects, userNames } from './sharing.ts';

export const rules: readonly Rule[] = [
  nameLengths,
  keyRegion,
  tagCase,
  vpcKind,
  blockSizes,
  subnetPlaces,
  zones,
  subnetRoom,
  clientNetworks,
  maxNotBelowBase,
  rareSizes,
  warehouseQuota,
  totalBase,
  emptyPool,
  deactivatingLimits,
  databaseNames,
  userNames,
  sharedObjects,
];

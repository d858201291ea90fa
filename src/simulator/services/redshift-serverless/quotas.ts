/** What an account has of Redshift Serverless per region (F-100). */
import type { Place } from '../../world.ts';
import { quotaExceeded } from './errors.ts';
import { serverless } from './state.ts';

const namespacesMax = 25;
const workgroupsMax = 25;
const capacitySumMax = 3200;

/** Refuses one namespace more than there may be. */
export function checkNamespaceCount(place: Place): void {
  if (Object.keys(serverless(place).namespaces).length < namespacesMax) return;
  throw quotaExceeded(`You have reached the maximum number of namespaces (${namespacesMax}).`);
}

/** Refuses one workgroup more than there may be. */
export function checkWorkgroupCount(place: Place): void {
  if (Object.keys(serverless(place).workgroups).length < workgroupsMax) return;
  throw quotaExceeded(`You have reached the maximum number of workgroups (${workgroupsMax}).`);
}

/** Refuses a base capacity of `name` with which all workgroups together would have too much. Targets don't count. */
export function checkCapacitySum(place: Place, name: string, baseCapacity: number): void {
  const others = Object.values(serverless(place).workgroups).filter((workgroup) => workgroup.name !== name);
  const sum = others.reduce((total, other) => total + Math.max(0, other.baseCapacity), Math.max(0, baseCapacity));
  if (sum <= capacitySumMax) return;
  throw quotaExceeded(`The base capacities of all workgroups can't exceed ${capacitySumMax} RPUs together (${sum}).`);
}

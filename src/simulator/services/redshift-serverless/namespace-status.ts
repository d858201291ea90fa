/** What a namespace's status follows from: its own phase, and the coming and going of its workgroup (R1). */
import type { Place } from '../../world.ts';
import type { WorkgroupPhase } from './phases.ts';
import { type NamespaceRecord, workgroupOf } from './state.ts';

/** F-111, F-112: the phases of a workgroup in which its namespace is MODIFYING. */
const occupying: readonly WorkgroupPhase[] = ['creating', 'closing', 'deleting'];

export function namespaceStatus(place: Place, namespace: NamespaceRecord): 'AVAILABLE' | 'MODIFYING' | 'DELETING' {
  if (namespace.phase === 'deleting') return 'DELETING';
  const workgroup = workgroupOf(place, namespace.name);
  const isOccupied = workgroup !== undefined && occupying.includes(workgroup.phase);
  return namespace.phase !== 'settled' || isOccupied ? 'MODIFYING' : 'AVAILABLE';
}

/** Whether the namespace or its workgroup is on its way from one state to another (F-114). */
export function isBusy(place: Place, namespace: NamespaceRecord): boolean {
  const phase = workgroupOf(place, namespace.name)?.phase ?? 'settled';
  return namespaceStatus(place, namespace) !== 'AVAILABLE' || (phase !== 'settled' && phase !== 'stuck');
}

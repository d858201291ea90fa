/** How a workgroup passes through its phases, and what happens around it on the way. */
import type { EventHandler, Place } from '../../world.ts';
import { conflict } from './errors.ts';
import { isBeingCreated, phases, type WorkgroupPhase } from './phases.ts';
import { deletePrivateEndpoint, lingerAway, listen } from './private-endpoint.ts';
import { type NamespaceRecord, serverless, type WorkgroupRecord } from './state.ts';

const phasePassed = 'redshift-serverless/workgroup-phase-passed';

/** Puts the workgroup into a phase and, if that phase passes by itself, sets the time for the next. */
export function enterPhase(place: Place, workgroup: WorkgroupRecord, phase: WorkgroupPhase): void {
  workgroup.phase = phase;
  entered[phase]?.(place, workgroup);
  const { passes } = phases[phase];
  if (passes) place.world.schedule(place, place.world.draw(passes.in), phasePassed, { id: workgroup.id });
}

/** What else happens when a phase begins. */
const entered: Readonly<Partial<Record<WorkgroupPhase, (place: Place, workgroup: WorkgroupRecord) => void>>> = {
  lull: (place, workgroup) => {
    listen(place, workgroup.endpoint, workgroup.port);
    namespaceOf(place, workgroup)?.backedUp.push({ from: place.now, until: undefined });
  },
  stuck: (place, workgroup) => {
    workgroup.refusesDeletionUntil = place.now + place.world.draw('workgroup.stuck');
  },
  closing: (place, workgroup) => {
    listen(place, workgroup.endpoint, undefined);
    for (const interval of namespaceOf(place, workgroup)?.backedUp ?? []) interval.until ??= place.now;
  },
};

export const events: Readonly<Record<string, EventHandler>> = {
  [phasePassed]: (place, payload) => {
    const workgroup = Object.values(serverless(place).workgroups).find(({ id }) => id === payload.id);
    const next = workgroup && phases[workgroup.phase].passes?.to;
    if (!workgroup || !next) return;
    if (next === 'gone') remove(place, workgroup);
    else enterPhase(place, workgroup, next === 'settled' && workgroup.doomed ? 'stuck' : next);
  },
};

/** F-118 (Assumption): for a moment after it has vanished, a workgroup's name can't be used again. */
function remove(place: Place, workgroup: WorkgroupRecord): void {
  const state = serverless(place);
  delete state.workgroups[workgroup.name];
  delete state.tags[workgroup.arn];
  for (const limit of Object.values(state.usageLimits)) {
    if (limit.resourceArn === workgroup.arn) delete state.usageLimits[limit.id];
  }
  state.lingering[`workgroup/${workgroup.name}`] = place.now + place.world.draw('workgroup.name-linger');
  deletePrivateEndpoint(place, workgroup.endpoint);
  for (const id of workgroup.nodeInterfaceIds) lingerAway(place, id);
}

/**
 * What becomes of a creation or update while another workgroup of the account and region is still being created, as
 * the world is set (F-150, Assumption): it goes through, it is refused, or it will never come out of MODIFYING.
 * One that got stuck is no longer "being created" and dooms nobody.
 */
export function isDoomed(place: Place, name: string): boolean {
  const mode = place.world.settings.workgroupConcurrency;
  if (mode === 'fine') return false;
  const others = Object.values(serverless(place).workgroups).filter((other) => other.name !== name);
  const unsettled = others.find(({ phase }) => isBeingCreated(phase));
  if (unsettled && mode === 'conflict') {
    throw conflict(`There is an operation in progress on the workgroup ${unsettled.name}. Try again later.`);
  }
  return unsettled !== undefined;
}

const namespaceOf = (place: Place, workgroup: WorkgroupRecord): NamespaceRecord | undefined =>
  serverless(place).namespaces[workgroup.namespaceName];

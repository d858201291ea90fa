/** What is out of order in the simulated account although nobody asked AWS for it: a warehouse, a zone, a slow link. */
import type { Place, Slot } from './world.ts';

export interface Outages {
  /** Names of workgroups that do not answer. */
  workgroups: string[];
  /** Names of zones in which nothing answers. */
  zones: string[];
  /** By workgroup: how much later it answers, in ms of the account's time. */
  slowMs: Record<string, number>;
}

export const outagesSlot: Slot<Outages> = {
  name: 'outages',
  scope: 'region',
  initial: () => ({ workgroups: [], zones: [], slowMs: {} }),
};

/** What is out of order in a region, to look at: a world in which nothing ever was does not remember that. */
export const outages = (place: Place): Readonly<Outages> => place.world.known(outagesSlot, place.region) ?? none;

const none: Outages = outagesSlot.initial();

/** From the faults that are set to what is out of order in the account. */
import { type Outages, outages, outagesSlot } from '../outages.ts';
import { noteNetworkChange } from '../services/ec2/state.ts';
import { noteHealth } from '../services/elasticloadbalancing/health.ts';
import type { World } from '../world.ts';
import type { Fault } from './fault.ts';

const slowByMs = 1_000;

/** Brings about what the faults say, everywhere in the account, and nothing else. */
export function followFaults(world: World, faults: readonly Fault[]): void {
  const wanted = outagesOf(faults);
  for (const region of world.regions()) {
    const place = world.place(region);
    if (JSON.stringify(outages(place)) === JSON.stringify(wanted)) continue;
    noteHealth(place);
    Object.assign(world.state(outagesSlot, region), structuredClone(wanted));
    noteNetworkChange(place);
  }
}

function outagesOf(faults: readonly Fault[]): Outages {
  const targets = (kind: Fault['kind']) => faults.flatMap((fault) => (fault.kind === kind ? [fault.target ?? ''] : []));
  const slow = faults.filter(({ kind }) => kind === 'slow-link');
  return {
    workgroups: targets('dead'),
    zones: targets('zone-outage'),
    slowMs: Object.fromEntries(slow.map(({ target = '', delayMs = slowByMs }) => [target, delayMs])),
  };
}

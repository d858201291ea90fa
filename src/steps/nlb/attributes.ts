/** Attributes of load balancer, target group and listener: strings, compared by the keys that are wanted. */

import type { Attributes } from '../../aws/elb.ts';
import type { Change } from '../../engine/resource.ts';
import { change } from '../changes.ts';

/** One change for all that differ. */
export function attributeChanges(
  seen: Attributes,
  wanted: Attributes,
  set: (attributes: Attributes) => Promise<unknown>,
): Change[] {
  const differing = Object.entries(wanted).filter(([key, value]) => seen[key] !== value);
  if (differing.length === 0) return [];
  const title = differing.map(([key, value]) => `${key} ${seen[key] ?? 'unset'} → ${value}`).join(', ');
  return [change('update', title, () => set(Object.fromEntries(differing)))];
}

import type { Plan } from '../../engine/plan.ts';
import { RsdsError } from '../../shared/errors.ts';

/** Throws `step/leftovers` with a list of what a look after `down` still finds. */
export function refuseLeftovers(plan: Plan): void {
  const left = plan.items.filter(({ seen }) => seen !== undefined).map(({ resource }) => resource.title);
  if (left.length === 0) return;
  throw new RsdsError('step/leftovers', `still there after down: ${left.join(', ')}`, {
    hint: 'run rsds down again; if it lasts, remove what is listed by hand',
  });
}

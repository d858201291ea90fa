/** What a `down` that could not delete everything ends with. */
import type { Plan } from '../../engine/plan.ts';
import { RsdsError } from '../../shared/errors.ts';

/** Throws `step/leftovers` with a list of what a look after `down` still finds. */
export function refuseLeftovers(plan: Plan): void {
  const error = leftovers(plan, undefined);
  if (error) throw error;
}

/**
 * The error for a run that failed: `step/leftovers` with a list of what is left and `cause` as the reason. `cause`
 * itself where it stopped the run before anything could be deleted, or where nobody can look.
 */
export async function leftAfter(cause: unknown, look: () => Promise<Plan>): Promise<unknown> {
  if (!(cause instanceof RsdsError) || !whileDeleting.test(cause.code)) return cause;
  // What kept rsds from deleting may keep it from looking: the first error is the one that counts.
  const plan = await look().catch(() => undefined);
  return (plan && leftovers(plan, cause)) ?? cause;
}

const whileDeleting = /^(aws\/|step\/(failed|timeout|did-not-converge)$)/;

function leftovers(plan: Plan, cause: RsdsError | undefined): RsdsError | undefined {
  const left = plan.items.filter(({ seen }) => seen !== undefined).map(({ resource }) => resource.title);
  if (left.length === 0) return undefined;
  return new RsdsError('step/leftovers', `still there after down: ${left.join(', ')}`, {
    hint: cause?.hint ?? 'run rsds down again; if it lasts, remove what is listed by hand',
    cause,
  });
}

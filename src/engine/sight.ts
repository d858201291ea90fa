/** What is seen of one resource, and what follows from it. */
import { RsdsError } from '../shared/errors.ts';
import type { Observations, Pass } from './pass.ts';
import type { PlanItem } from './plan.ts';
import { type Change, Foreign, type Settled } from './resource.ts';

export interface SightOptions {
  readonly observations: Observations;
  newPass(): Pass;
}

export class Sight {
  readonly #item: PlanItem;
  readonly #options: SightOptions;
  /** Undefined: absent, or somebody else's while ours is to be gone. */
  seen: unknown;

  /** Begins with what the plan saw. */
  constructor(item: PlanItem, options: SightOptions) {
    this.#item = item;
    this.#options = options;
    this.seen = item.seen;
  }

  async look(): Promise<void> {
    this.take(await this.#options.newPass().observe(this.#item.resource));
  }

  /** What this stands on may have vanished or changed its id under us. */
  async lookAtNeeds(): Promise<void> {
    const pass = this.#options.newPass();
    for (const need of this.#item.resource.needs) await pass.observe(need);
  }

  /** Takes an observation. Throws `step/foreign` where ours should be and somebody else's is. */
  take(seen: unknown): void {
    const foreign = seen instanceof Foreign;
    if (foreign && this.#item.goal === 'present') {
      throw new RsdsError('step/foreign', `${this.#item.resource.title} is not ours: ${seen.what}`, {
        hint: 'choose another project or environment name, or remove what is in the way',
      });
    }
    this.seen = foreign ? undefined : seen;
  }

  /** Undefined for what is absent. */
  verdict(): Settled | undefined {
    return this.seen === undefined ? undefined : this.#item.resource.settled(this.seen, this.#item.goal);
  }

  /** What is to be done now, towards either goal. */
  changes(): readonly Change[] {
    const { resource, goal } = this.#item;
    const { observations } = this.#options;
    if (goal === 'present') return resource.changes(this.seen, observations);
    return this.seen === undefined ? [] : resource.removal(this.seen, observations);
  }

  /** Whether looking still says that `change` is needed. */
  stillWants(change: Change): boolean {
    if (this.#item.goal === 'absent') return this.changes()[0]?.title === change.title;
    if (change.action === 'create') return this.seen === undefined;
    return this.changes().some(({ action, title }) => action === change.action && title === change.title);
  }
}

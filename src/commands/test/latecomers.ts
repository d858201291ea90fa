/** Consumers that come while a load runs: their names are asked for when they first answer. */
import { consumerOf } from '../../diagnose/connections/evidence.ts';
import type { Observations } from '../../diagnose/observations.ts';
import type { LoadSecond } from '../../probe/plan.ts';
import type { Account } from '../environment/session.ts';

export class Latecomers {
  readonly names = new Map<string, string>();
  readonly #here: Account;
  readonly #asked = new Set<string>();
  #asking: Promise<void> = Promise.resolve();

  constructor(here: Account) {
    this.#here = here;
  }

  /** Notices who answered; one list tells of all that are new. */
  notice(seen: Observations, { open, queries }: LoadSecond): void {
    const ids = [...Object.keys(open), ...Object.keys(queries)];
    const strangers = ids.filter((id) => !this.#asked.has(id) && consumerOf(seen, id) === undefined);
    if (strangers.length === 0) return;
    for (const id of strangers) this.#asked.add(id);
    this.#asking = this.#asking.then(() => this.#ask(seen));
  }

  /** Resolves when all names that were asked for are known. */
  told(): Promise<void> {
    return this.#asking;
  }

  /** A number comes again when its first bearer has gone: `consumer-3`, then `consumer-3 (2)`. */
  #unlike(short: string): string {
    const bearers = [...this.names.values()].filter((name) => name.replace(/ .*/, '') === short).length;
    return bearers === 0 ? short : `${short} (${bearers + 1})`;
  }

  async #ask({ desired }: Observations): Promise<void> {
    try {
      for (const { namespaceName = '', namespaceId = '' } of await this.#here.aws.serverless.listNamespaces()) {
        const { prefix } = desired.names;
        if (!namespaceName.startsWith(`${prefix}-consumer-`) || this.names.has(namespaceId)) continue;
        this.names.set(namespaceId, this.#unlike(namespaceName.slice(prefix.length + 1)));
      }
    } catch {
      // Without their names they are shown by their ids: no reason to end a load.
    }
  }
}

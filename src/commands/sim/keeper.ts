/**
 * Keeps the world on disk: soon after a mutation, one save at a time, and a last time at the end. Several mutations in
 * a row are one save; what a killed process loses is the last fraction of a second.
 */
import type { Clock } from '../../shared/clock.ts';
import { saveWorld } from './world-file.ts';

const delayMs = 150;

export interface KeeperOptions {
  readonly directory: string;
  /** Real time. */
  readonly clock: Clock;
  log(text: string): void;
}

export class Keeper<Saved> {
  readonly #options: KeeperOptions;
  #read: (() => Promise<Saved>) | undefined;
  #dirty = false;
  #discarded = false;
  #saving: Promise<void> | undefined;

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  /** From now on `read` gives what is to be saved. */
  keep(read: () => Promise<Saved>): void {
    this.#read = read;
  }

  /** Something has changed. */
  touch(): void {
    this.#dirty = true;
    this.#saving ??= this.#soon().finally(() => {
      this.#saving = undefined;
      if (this.#dirty) this.touch();
    });
  }

  /** From now on nothing is saved any more. */
  discard(): void {
    this.#discarded = true;
  }

  /** Saves a last time. */
  async finish(): Promise<void> {
    await this.#saving;
    await this.#save();
  }

  async #soon(): Promise<void> {
    await this.#options.clock.sleep(delayMs, { background: true });
    await this.#save();
  }

  async #save(): Promise<void> {
    this.#dirty = false;
    if (this.#discarded || !this.#read) return;
    try {
      saveWorld(this.#options.directory, await this.#read());
    } catch (error) {
      this.#options.log(`the world could not be saved: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

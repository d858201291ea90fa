/**
 * Keeps the world on disk: at once where it is told what to write, else soon after a mutation, one save at a time, and a
 * last time at the end. Several mutations in a row are one save.
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
  #writes = 0;
  #discarded = false;
  #saving: Promise<void> | undefined;

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  /** From now on `read` gives what is to be saved. */
  keep(read: () => Promise<Saved>): void {
    this.#read = read;
  }

  /** Writes what stands now. Never throws: a full disk ends no simulator. */
  write(saved: Saved): void {
    this.#dirty = false;
    this.#writes++;
    if (this.#discarded) return;
    try {
      saveWorld(this.#options.directory, saved);
    } catch (error) {
      this.#tell(error);
    }
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
    if (this.#dirty) await this.#save();
  }

  async #save(): Promise<void> {
    this.#dirty = false;
    if (this.#discarded || !this.#read) return;
    const before = this.#writes;
    try {
      const saved = await this.#read();
      // What was written meanwhile is newer, or as new.
      if (this.#writes === before) this.write(saved);
    } catch (error) {
      this.#tell(error);
    }
  }

  #tell(error: unknown): void {
    this.#options.log(`the world could not be saved: ${error instanceof Error ? error.message : String(error)}`);
  }
}

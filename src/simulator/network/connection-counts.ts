/** How many connections the warehouses have, as CloudWatch is told: a point a minute, as long as there are any (F-458). */
import { putMetric } from '../services/monitoring/index.ts';
import type { Place, World } from '../world.ts';

const minuteMs = 60_000;
/** Of the minutes that nobody looked at, no more than these are told of. */
const minutesMax = 60;

interface Count {
  open: number;
  /** The most that were open at once in the minute that is not told of yet. */
  peak: number;
}

export class ConnectionCounts {
  readonly #world: World;
  readonly #counts = new Map<string, Count>();
  #minute: number;

  constructor(world: World) {
    this.#world = world;
    this.#minute = this.#now();
  }

  /** Counts one that begins; answers what to call at its end. */
  open(region: string, workgroup: string, database: string): () => void {
    this.report();
    const keys = [
      [region, workgroup],
      [region, workgroup, database],
    ].map((key) => JSON.stringify(key));
    for (const key of keys) {
      const count = this.#counts.get(key) ?? { open: 0, peak: 0 };
      this.#counts.set(key, { open: count.open + 1, peak: Math.max(count.peak, count.open + 1) });
    }
    return () => {
      this.report();
      for (const key of keys) {
        const count = this.#counts.get(key);
        if (count) count.open--;
      }
    };
  }

  /** How many a warehouse has now. */
  of(region: string, workgroup: string): number {
    return this.#counts.get(JSON.stringify([region, workgroup]))?.open ?? 0;
  }

  /** Tells of the minutes that are over. */
  report(): void {
    const now = this.#now();
    const first = Math.max(this.#minute, now - minutesMax);
    for (let minute = first; minute < now; minute++) this.#tell(minute);
    this.#minute = now;
  }

  #tell(minute: number): void {
    for (const [key, count] of this.#counts) {
      const [region = '', Workgroup = '', Database] = JSON.parse(key) as string[];
      put(this.#world.place(region), count.peak, minute, {
        Workgroup,
        ...(Database === undefined ? {} : { Database }),
      });
      count.peak = count.open;
      if (count.open === 0) this.#counts.delete(key);
    }
  }

  #now(): number {
    return Math.floor(this.#world.now() / minuteMs);
  }
}

function put(place: Place, value: number, minute: number, dimensions: Record<string, string>): void {
  const at = minute * minuteMs;
  putMetric(place, {
    namespace: 'AWS/Redshift-Serverless',
    name: 'DatabaseConnections',
    dimensions,
    value,
    unit: 'Count',
    at,
  });
}

/**
 * The faults that are set, and which of them strikes a request: the first that is meant for it, in the order in which
 * they were set. Each draws from a seed of its own, so that another fault, or another request, changes no draw of it.
 */
import { type SeededRandom, seededRandom } from '../../shared/random.ts';
import { type Fault, isMeantFor, type RequestFault, type SetFault, type Target } from './fault.ts';

interface Standing {
  readonly id: number;
  readonly fault: Fault;
  readonly random: SeededRandom;
  met: number;
  struck: number;
}

export class FaultPlan {
  readonly #seed: number;
  /** Told when a fault was set or taken away. */
  readonly #changed: (faults: readonly Fault[]) => void;
  #faults: Standing[] = [];
  #lastId = 0;

  constructor(seed: number, changed: (faults: readonly Fault[]) => void = () => {}) {
    this.#seed = seed;
    this.#changed = changed;
  }

  add(fault: Fault): SetFault {
    const id = ++this.#lastId;
    const standing = { id, fault, random: seededRandom(fault.seed ?? this.#seed + id), met: 0, struck: 0 };
    this.#faults.push(standing);
    this.#changed(this.#faults.map((one) => one.fault));
    return shown(standing);
  }

  list(): SetFault[] {
    return this.#faults.map(shown);
  }

  /** Takes away the fault with that id, or all of them; answers how many it were. */
  clear(id?: number): number {
    const before = this.#faults.length;
    this.#faults = id === undefined ? [] : this.#faults.filter((standing) => standing.id !== id);
    this.#changed(this.#faults.map((one) => one.fault));
    return before - this.#faults.length;
  }

  /** The fault that strikes this request, if any does. */
  strike(target: Target): RequestFault | undefined {
    return this.#faults.find((standing) => strikes(standing, target))?.fault as RequestFault | undefined;
  }
}

function strikes(standing: Standing, target: Target): boolean {
  const { fault, random } = standing;
  const { after = 0, times = Number.POSITIVE_INFINITY, probability = 1 } = fault;
  if (!isMeantFor(fault, target)) return false;
  standing.met++;
  if (standing.met <= after || standing.struck >= times) return false;
  if (probability < 1 && random.next() >= probability) return false;
  standing.struck++;
  return true;
}

const shown = ({ id, fault, met, struck }: Standing): SetFault => ({ id, ...fault, met, struck });

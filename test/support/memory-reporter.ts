/** Keeps the events; for tests and for replaying a run through other renderers. */
import type { RunEvent } from '../../src/engine/events.ts';
import type { RunReporter } from '../../src/report/reporter.ts';

export interface MemoryReporter extends RunReporter {
  readonly events: readonly RunEvent[];
}

export function createMemoryReporter(): MemoryReporter {
  const events: RunEvent[] = [];
  return {
    events,
    emit: (event) => {
      events.push(event);
    },
    close: () => Promise.resolve(),
  };
}

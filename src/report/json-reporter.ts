/** Events as they are, one JSON document a line on stdout. The command adds the last one, `result`. */
import type { Output } from './output.ts';
import type { RunReporter } from './reporter.ts';

export const createJsonReporter = (out: Output): RunReporter => ({
  emit: (event) => out.event(event),
  close: () => Promise.resolve(),
});

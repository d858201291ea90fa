/** `rsds plan`: what `up` would do. */
import { command } from './definition.ts';

export const plan = command({
  name: 'plan',
  summary: 'show what up would change, how long it takes and what it costs; change nothing',
  options: {
    check: { type: 'flag', summary: 'exit with 3 when there are changes' },
    sql: { type: 'flag', summary: 'look at datashare, databases and logins by SQL, too (wakes the warehouses)' },
  },
  examples: ['rsds plan', 'rsds plan --check --json'],
  run: async ({ options }, context) => (await import('./environment/verbs.ts')).runPlan(context, options),
});

/** `rsds up`: the environment as described, from nothing, from half-way, or from drift. */
import { command } from './definition.ts';
import { drainOptions } from './drain-options.ts';
import { lockWait } from './lock-wait.ts';
import { rebuildLedger } from './rebuild-ledger.ts';

export const up = command({
  name: 'up',
  summary: 'build or repair the environment that rsds.yaml describes',
  details:
    'Looks at the account, shows what it would change, asks, and does it. Killed or interrupted at any moment: run it again, and it goes on.',
  answers: 'events',
  options: {
    sql: {
      type: 'flag',
      summary: 'look at datashare, databases and logins by SQL, too (wakes the warehouses; the plan says the price)',
    },
    ...drainOptions,
    lockWait,
    rebuildLedger,
  },
  examples: [
    'rsds up',
    'rsds up --env prod --yes',
    'rsds up --lock-wait 10m',
    'rsds up --rebuild-ledger',
    'rsds up --sim --yes',
  ],
  run: async ({ options }, context) => (await import('./environment/verbs.ts')).runUp(context, options),
});

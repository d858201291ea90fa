/** `rsds down`: everything that rsds made is gone, verified. */
import { command } from './definition.ts';
import { lockWait } from './lock-wait.ts';
import { rebuildLedger } from './rebuild-ledger.ts';

export const down = command({
  name: 'down',
  summary: 'take the environment down; its data stays in a final snapshot',
  details:
    'Asks for the name of the environment, such as airline-dev. What rsds did not make is left alone. The key stays while a snapshot needs it. Stop what writes to the producer first: the final snapshot holds what was there when it was begun.',
  answers: 'events',
  options: {
    finalSnapshot: { type: 'flag', unless: true, summary: 'take no final snapshot: the data is lost' },
    lockWait,
    rebuildLedger,
  },
  examples: ['rsds down', 'rsds down --env dev --yes', 'rsds down --no-final-snapshot'],
  run: async ({ options }, context) => (await import('./environment/verbs.ts')).runDown(context, options),
});

/** `rsds backend …`: where the ledgers and the locks are kept. */
import { command } from './definition.ts';

export const backendCreate = command({
  name: 'backend create',
  summary: 'make the bucket that state names, and the lock table; what is there already is left as it is',
  details:
    'The bucket is versioned, encrypted and closed to the public; the table is on demand, protected from deletion, and can be restored to any point of the last 35 days. Running it again completes what an earlier run left.',
  examples: ['rsds backend create', 'rsds backend create --env prod --yes'],
  run: async (_input, context) => (await import('./backend/create.ts')).createBackend(context),
});

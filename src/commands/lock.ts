/** `rsds lock …`: who is changing what. */
import { command } from './definition.ts';

export const lockShow = command({
  name: 'lock show',
  summary: 'show who holds the locks: of this environment, and of workgroups in the account and region',
  examples: ['rsds lock show --env prod', 'rsds lock show --json'],
  run: async (_input, context) => (await import('./lock/show.ts')).showLocks(context),
});

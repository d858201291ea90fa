/** `rsds status`: what stands, and its health. */
import { command } from './definition.ts';

export const status = command({
  name: 'status',
  summary: 'show what stands, its health, and who holds the lock; wakes no warehouse',
  options: {
    check: { type: 'flag', summary: 'exit with 5 unless the environment is ready' },
  },
  examples: ['rsds status', 'rsds status --env prod --json', 'rsds status --check'],
  run: async ({ options }, context) => (await import('./environment/status.ts')).runStatus(context, options),
});

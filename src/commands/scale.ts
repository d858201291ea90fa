/** `rsds scale`: more or fewer consumers. */
import { command } from './definition.ts';
import { lockWait } from './lock-wait.ts';

export const scale = command({
  name: 'scale',
  summary: 'change the number of consumers behind the load balancer',
  details:
    'Writes the new number to rsds.yaml first (under --sim, or without a file, to the ledger), then does what up would do. A new consumer gets traffic once its shared data answers; one that goes is drained first, the highest number first.',
  answers: 'events',
  options: {
    consumers: { type: 'integer', value: 'count', min: 0, max: 1000, summary: 'how many consumers there should be' },
    lockWait,
  },
  examples: ['rsds scale --consumers 5', 'rsds scale --consumers 2 --yes'],
  run: async ({ options }, context) => (await import('./environment/verbs.ts')).runScale(context, options),
});

/** `rsds scale`: more or fewer consumers. */
import { RsdsError } from '../shared/errors.ts';
import { command } from './definition.ts';
import { leavingOptions } from './drain-options.ts';
import { lockWait } from './lock-wait.ts';

export const scale = command({
  name: 'scale',
  summary: 'change the number of consumers behind the load balancer',
  details:
    'Writes the new number to rsds.yaml first (under --sim, or without a file, to the ledger), then does what up would do. A new consumer gets traffic once its shared data answers; one that goes is drained first, the highest number first, or those that --remove names. The last healthy one stays.',
  answers: 'events',
  options: {
    consumers: { type: 'integer', value: 'count', min: 0, max: 1000, summary: 'how many consumers there should be' },
    remove: {
      type: 'list',
      value: 'name',
      summary: 'which consumers are to go, e.g. consumer-2; their numbers are left out from then on',
    },
    ...leavingOptions,
    minHealthy: {
      type: 'integer',
      value: 'count',
      min: 0,
      max: 1000,
      summary: 'how many of those that stay must be healthy before one goes (default 1)',
    },
    lockWait,
  },
  examples: ['rsds scale --consumers 5', 'rsds scale --consumers 2 --yes', 'rsds scale --remove consumer-2'],
  check: ({ options: { consumers, remove } }) => {
    if (consumers !== undefined || remove.length > 0) return;
    throw new RsdsError('usage/invalid', 'scale needs the number of consumers', {
      hint: 'pass --consumers COUNT, or --remove NAME',
    });
  },
  run: async ({ options }, context) => (await import('./environment/verbs.ts')).runScale(context, options),
});

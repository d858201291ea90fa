/** `rsds replace`: another consumer in the place of one. */
import { command } from './definition.ts';
import { leavingOptions } from './drain-options.ts';
import { lockWait } from './lock-wait.ts';

export const replace = command({
  name: 'replace',
  summary: 'make a new consumer in the place of one, which then goes',
  details:
    'The new one has the next free number, and takes connections before the old one is drained; where the quota leaves no room for both, the old one goes first. The old number is left out from then on, as after scale --remove. Killed or interrupted: type it again.',
  answers: 'events',
  arguments: { consumer: { summary: 'consumer-3, or its whole name', required: true } },
  options: {
    ...leavingOptions,
    lockWait,
  },
  examples: ['rsds replace consumer-3', 'rsds replace consumer-3 --drain-timeout 1h --yes'],
  run: async ({ options, arguments: { consumer } }, context) =>
    (await import('./environment/verbs.ts')).runReplace(context, { ...options, consumer }),
});

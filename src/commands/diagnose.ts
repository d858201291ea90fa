/** `rsds diagnose`: why something is stuck or unreachable, and what to type. */
import { command } from './definition.ts';

export const diagnose = command({
  name: 'diagnose',
  summary: 'say why something is stuck or unreachable, and what mends it; wakes no warehouse',
  details:
    'Reads the control plane only, which is free, and changes nothing. Exits with 5 when a fault was found; warnings leave it at 0. What may not be read is listed as not checked.',
  arguments: {
    workgroup: { summary: 'one warehouse (consumer-2, airline-dev-consumer-2, producer, a workload); default: all' },
  },
  options: {
    watch: {
      type: 'flag',
      unless: true,
      summary: 'do not wait for the heartbeat of a lock that is held (up to one lease, a minute by default)',
    },
  },
  examples: ['rsds diagnose', 'rsds diagnose consumer-2', 'rsds diagnose --env prod --json'],
  run: async ({ options, arguments: { workgroup } }, context) =>
    (await import('./diagnose/run.ts')).runDiagnose(context, { ...options, workgroup }),
});

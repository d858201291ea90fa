/** `rsds connect`: what clients need to connect. */
import { clientNames } from '../model/connection/names.ts';
import { command } from './definition.ts';

export const connect = command({
  name: 'connect',
  summary: 'print how clients connect: address, login, and a ready string for each of them; wakes no warehouse',
  details:
    'Without --for: the address with its login, and the line for psql. With --for, only what is to be pasted goes to stdout. The password stays in Secrets Manager unless --show-password asks for it.',
  options: {
    for: { type: 'text', value: 'client', choices: clientNames, summary: 'a ready string or snippet' },
    consumer: {
      type: 'text',
      value: 'name',
      summary: 'one warehouse at its own address (consumer-2, producer, a workload); default: the load balancer',
    },
    showPassword: { type: 'flag', summary: 'read the password from Secrets Manager and print it' },
  },
  examples: [
    'rsds connect',
    'rsds connect --for jdbc',
    'rsds connect --consumer producer --for psql',
    'rsds connect --json',
  ],
  run: async ({ options }, context) => (await import('./connect/run.ts')).runConnect(context, options),
});

/** `rsds connect`: what clients need to connect. */
import { clientNames } from '../model/connection/names.ts';
import { RsdsError } from '../shared/errors.ts';
import { command } from './definition.ts';

export const connect = command({
  name: 'connect',
  summary: 'print how clients connect: address, login, and a ready string for each of them; wakes no warehouse',
  details:
    'Without --for: the address with its login, and the line for psql. With --for, only what is to be pasted goes to stdout. The password stays in Secrets Manager unless --show-password asks for it. --check connects once, layer by layer, and exits with 5 where that fails; the warehouse that answers is billed for a minute of its base at least, which is asked for first.',
  options: {
    for: { type: 'text', value: 'client', choices: clientNames, summary: 'a ready string or snippet' },
    consumer: {
      type: 'text',
      value: 'name',
      summary: 'one warehouse at its own address (consumer-2, producer, a workload); default: the load balancer',
    },
    check: { type: 'flag', summary: 'connect once, as it says, and tell how far it got; wakes a warehouse' },
    showPassword: { type: 'flag', summary: 'read the password from Secrets Manager and print it' },
  },
  examples: [
    'rsds connect',
    'rsds connect --for jdbc',
    'rsds connect --consumer producer --for psql',
    'rsds connect --check',
    'rsds connect --json',
  ],
  check({ options: { check, for: client, showPassword } }) {
    if (!check || (client === undefined && !showPassword)) return;
    throw new RsdsError('usage/invalid', `--check does not go with ${showPassword ? '--show-password' : '--for'}`, {
      hint: 'rsds connect --check connects once and tells each layer; strings come without it',
    });
  },
  run: async ({ options }, context) => (await import('./connect/run.ts')).runConnect(context, options),
});

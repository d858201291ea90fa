/** `rsds lock …`: who is changing what. */
import { RsdsError } from '../shared/errors.ts';
import { command } from './definition.ts';

export const lockShow = command({
  name: 'lock show',
  summary: 'show who holds the locks: of this environment, and of workgroups in the account and region',
  examples: ['rsds lock show --env prod', 'rsds lock show --json'],
  run: async (_input, context) => (await import('./lock/show.ts')).showLocks(context),
});

export const lockRelease = command({
  name: 'lock release',
  summary: 'free a lock whose holder is dead, without waiting for the next run to take it over',
  details:
    "Takes the holder's id, as rsds lock show prints it. Watches the lock for one lease first, and leaves it alone when a heartbeat comes. With --force nothing is watched: the holder, if it lives after all, goes on until its next heartbeat tells it.",
  options: {
    id: { type: 'text', value: 'id', summary: 'id of the holder, as rsds lock show prints it' },
    lane: { type: 'flag', summary: 'the lock of workgroups in the account and region, not that of the environment' },
    force: { type: 'flag', summary: 'do not watch for a heartbeat first: the process is surely dead' },
  },
  examples: ['rsds lock release --id 5b0c61d2e9f4', 'rsds lock release --lane --id 5b0c61d2e9f4 --force --yes'],
  check: ({ options: { id } }) => {
    if (id !== undefined) return;
    throw new RsdsError('usage/invalid', "lock release needs the holder's id", {
      hint: 'pass --id ID; rsds lock show prints it',
    });
  },
  run: async ({ options }, context) =>
    (await import('./lock/release.ts')).releaseLock(context, { ...options, id: options.id ?? '' }),
});

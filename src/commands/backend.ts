/** `rsds backend …`: where the ledgers and the locks are kept. */
import { RsdsError } from '../shared/errors.ts';
import { command } from './definition.ts';

export const backendCreate = command({
  name: 'backend create',
  summary: 'make the bucket that state names, and the lock table; what is there already is left as it is',
  details:
    'The bucket is versioned, encrypted and closed to the public; the table is on demand, protected from deletion, and can be restored to any point of the last 35 days. Running it again completes what an earlier run left.',
  examples: ['rsds backend create', 'rsds backend create --env prod --yes'],
  run: async (_input, context) => (await import('./backend/create.ts')).createBackend(context),
});

export const backendDestroy = command({
  name: 'backend destroy',
  summary:
    'delete the bucket that state names, with all ledgers in it, and the lock table; refused while anything uses them',
  details:
    'What is in use is looked for in the ledgers of the bucket, in the lock table, and by the tags of what stands in the account and region. Asks for the name of the bucket, or of the table where state is local.',
  examples: ['rsds backend destroy', 'rsds backend destroy --env prod --yes'],
  run: async (_input, context) => (await import('./backend/destroy.ts')).destroyBackend(context),
});

export const backendMove = command({
  name: 'backend move',
  summary: 'move the ledger of an environment from its file to a bucket, or back',
  details:
    'Under the lock of the environment: the document is copied and compared, then the old one is put aside under another name. Afterwards set state in rsds.yaml as the command says.',
  options: {
    to: { type: 'text', value: 'place', summary: 'where it shall be: local, or s3://bucket/prefix' },
  },
  examples: ['rsds backend move --to s3://airline-rsds-state/team', 'rsds backend move --to local'],
  check: ({ options: { to } }) => {
    if (to !== undefined && /^(local|s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/.*)?)$/.test(to)) return;
    throw new RsdsError('usage/invalid', `${to ?? 'nothing'} is no place for a ledger`, {
      hint: 'pass --to local or --to s3://bucket/prefix',
    });
  },
  run: async ({ options }, context) => (await import('./backend/move.ts')).moveLedger(context, options.to ?? 'local'),
});

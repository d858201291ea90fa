import { everyRole, type SharedCheck } from '../check.ts';
import type { Finding, Say } from '../finding.ts';
import type { KeyView, Observations } from '../observations.ts';
import { absence, awsCli, isAbsent, mend } from '../selectors.ts';

/** One key encrypts every namespace, so one that can't be used stops every warehouse (F-901). */
export const key: SharedCheck = {
  name: 'key',
  question: 'Can the key of the namespaces be used?',
  subject: 'environment',
  matters: everyRole,
  findings: (seen, say) =>
    seen.keys.flatMap(({ name, key: reading }) => {
      if ('unread' in reading) return [say.unchecked(reading.unread)];
      if (reading.value) return [ofKey(seen, say, name, reading.value)];
      return isAbsent(seen) ? [] : [gone(seen, say, name)];
    }),
};

function ofKey(seen: Observations, say: Say, name: string, view: KeyView): Finding {
  const { state, deletionAt, arn } = view;
  const stops = 'no warehouse can read or write its data with it';
  if (state === 'Enabled') return say.pass(`the key ${name} is enabled`);
  if (state === 'PendingDeletion') {
    const when = deletionAt === undefined ? '' : ` on ${new Date(deletionAt).toISOString().slice(0, 10)}`;
    return say.fail(`the key ${name} is going to be deleted${when}`, {
      cause: `its deletion was scheduled; until then ${stops}, after it the data is lost`,
      remedy: isOwn(seen, name)
        ? mend(seen)
        : `${awsCli(seen, `kms cancel-key-deletion --key-id ${arn}`)}\n${awsCli(seen, `kms enable-key --key-id ${arn}`)}`,
    });
  }
  if (state === 'Disabled') {
    return say.fail(`the key ${name} is disabled`, {
      cause: `somebody disabled it; ${stops}`,
      remedy: isOwn(seen, name) ? mend(seen) : awsCli(seen, `kms enable-key --key-id ${arn}`),
    });
  }
  return say.warn(`the key ${name} is in the state ${state}`, { cause: 'AWS is at it, or it waits for its material' });
}

/** Ours is taken back by `rsds up`; a key that the configuration names is its owner's business. */
const isOwn = ({ desired }: Observations, name: string) => name === desired.names.keyAlias;

function gone(seen: Observations, say: Say, name: string): Finding {
  if (isOwn(seen, name)) return absence(seen, say, { what: `the key ${name}`, id: 'producer/key' });
  return say.fail(`the key ${name} is not there`, {
    cause: 'it was deleted, or it is of another region: the data that it encrypts can not be read',
    remedy: `give another key in kmsKey, then ${mend(seen)}`,
  });
}

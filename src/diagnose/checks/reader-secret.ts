import { readers, type SharedCheck } from '../check.ts';
import { absence, isAbsent, mend } from '../selectors.ts';

export const readerSecret: SharedCheck = {
  name: 'reader-secret',
  question: 'Is the password of the reader there?',
  subject: 'environment',
  matters: readers,
  findings(seen, say) {
    const name = seen.desired.names.readerSecret;
    if ('unread' in seen.secret) return [say.unchecked(seen.secret.unread)];
    const secret = seen.secret.value;
    if (!secret)
      return isAbsent(seen) ? [] : [absence(seen, say, { what: `the secret ${name}`, id: 'nlb/reader-secret' })];
    if (secret.deletedAt === undefined) return [say.pass(`the secret ${name} is there`)];
    return [
      say.fail(`the secret ${name} is scheduled for deletion`, {
        cause: 'it was deleted and can be had back for now; until then nobody can read the password of the login',
        remedy: mend(seen),
      }),
    ];
  },
};

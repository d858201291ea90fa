import { everyRole, type SharedCheck } from '../check.ts';

/** Without valid credentials nothing else runs, so it can only pass: it says whose eyes the rest was seen with. */
export const identity: SharedCheck = {
  name: 'identity',
  question: 'As whom, and in which account, is all this seen?',
  subject: 'environment',
  matters: everyRole,
  findings: ({ account, identity: arn }, say) => [say.pass(`account ${account} as ${arn}`)],
};

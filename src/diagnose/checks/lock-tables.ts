import { everyRole, type SharedCheck } from '../check.ts';

/** All projects of an account and region must name one table, or the lane protects nobody. */
export const lockTables: SharedCheck = {
  name: 'lock-tables',
  question: 'Do all projects of the account and region use the same lock table?',
  subject: 'environment',
  matters: everyRole,
  findings({ otherLockTables, desired }, say) {
    if ('unread' in otherLockTables) return [say.unchecked(otherLockTables.unread)];
    const others = otherLockTables.value;
    if (others.length === 0) return [say.pass('no other lock table of rsds was found')];
    return [
      say.warn(`there are other lock tables of rsds: ${others.join(', ')}`, {
        cause: `runs that use them do not see the workgroup lane in ${desired.config.lock.table}`,
        remedy: 'name the same lock.table in every rsds.yaml of this account and region',
      }),
    ];
  },
};

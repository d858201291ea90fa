import { everyRole, type SharedCheck } from '../check.ts';
import { rsds } from '../selectors.ts';

/** Without it nothing is lost, but no run begins before it is mended. */
export const ledger: SharedCheck = {
  name: 'ledger',
  question: 'Can what rsds remembers of the environment be read?',
  subject: 'environment',
  matters: everyRole,
  findings(seen, say) {
    const { ledgerFault: fault } = seen;
    if (fault) {
      return [
        say.fail(fault.message, {
          cause:
            'no run changes the environment until it is mended; what stands is found by tags and names all the same',
          remedy: rsds(seen, fault.code === 'ledger/no-bucket' ? 'backend create' : 'up --rebuild-ledger'),
        }),
      ];
    }
    const { serial, runs } = seen.ledger;
    if (serial === 0) return [say.pass('there is no ledger yet')];
    return [say.pass(`the ledger can be read; it knows of ${runs.length} ${runs.length === 1 ? 'run' : 'runs'}`)];
  },
};

import { everyRole, type SharedCheck } from '../check.ts';
import { builderOf, describeBuilder, isAbsent, mend } from '../selectors.ts';

export const presence: SharedCheck = {
  name: 'presence',
  question: 'Is there anything of this environment?',
  subject: 'environment',
  matters: everyRole,
  findings(seen, say) {
    if (!isAbsent(seen)) return [];
    const builder = builderOf(seen);
    return [
      say.warn(`nothing of ${seen.desired.names.prefix} stands in ${seen.desired.config.region}`, {
        cause: builder ? describeBuilder(builder) : 'it has not been built, or was taken down',
        remedy: builder ? undefined : mend(seen),
      }),
    ];
  },
};

import { everyRole, type SharedCheck, type WarehouseCheck } from '../check.ts';
import type { Finding, Say } from '../finding.ts';
import type { Observations } from '../observations.ts';

const name = 'ownership';
const question = 'Does what has our names carry our tags?';

export const sharedOwnership: SharedCheck = {
  name,
  question,
  subject: 'environment',
  matters: everyRole,
  findings(seen, say) {
    if ('unread' in seen.strangers) return [say.unchecked(seen.strangers.unread)];
    const found = strangersOf(seen, say, 'environment');
    return found.length > 0 ? found : [say.pass('what all warehouses share carries our tags, as far as it is there')];
  },
};

export const warehouseOwnership: WarehouseCheck = {
  name,
  question,
  roles: everyRole,
  findings: (seen, say, { warehouse }) => strangersOf(seen, say, warehouse.short),
};

function strangersOf({ strangers, desired }: Observations, say: Say, subject: string): Finding[] {
  if ('unread' in strangers) return [];
  const { project, environment } = desired.config;
  return strangers.value
    .filter((one) => one.subject === subject)
    .map(({ what }) =>
      say.fail(`${what} is not ours`, {
        cause: `it does not carry the tags rsds:project=${project} and rsds:environment=${environment}; rsds leaves it alone`,
        remedy: 'choose another project or environment name, or remove what is in the way',
      }),
    );
}

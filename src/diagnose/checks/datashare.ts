import type { WarehouseCheck } from '../check.ts';
import { together } from '../reading.ts';
import { absence, namespaceOf } from '../selectors.ts';

/** From Redshift's control plane, so that nobody is woken (F-470). */
export const datashare: WarehouseCheck = {
  name: 'datashare',
  question: 'Does the producer share its data?',
  roles: ['producer'],
  findings(seen, say, { warehouse }) {
    const read = together({ namespace: namespaceOf(seen, warehouse), shares: seen.shares });
    if ('unread' in read) return [say.unchecked(read.unread)];
    if (!read.value.namespace) return [];
    const { name } = seen.desired.config.datashare;
    const share = read.value.shares.find((one) => one.name === name);
    if (!share) return [absence(seen, say, { what: `the datashare ${name}`, id: 'producer/datashare' })];
    return [say.pass(`the datashare ${name} is granted to ${share.consumers.length} namespaces`)];
  },
};

import { readers, type WarehouseCheck } from '../check.ts';
import { together } from '../reading.ts';
import { absence, namespaceOf } from '../selectors.ts';

export const grant: WarehouseCheck = {
  name: 'grant',
  question: 'May the warehouse use the datashare?',
  roles: readers,
  findings(seen, say, { warehouse, wanted }) {
    const read = together({ namespace: namespaceOf(seen, warehouse), shares: seen.shares });
    if ('unread' in read) return [say.unchecked(read.unread)];
    const { namespace, shares } = read.value;
    const { name } = seen.desired.config.datashare;
    const share = shares.find((one) => one.name === name);
    // Without the share its own check speaks.
    if (!namespace || !share || !wanted) return [];
    if (share.consumers.includes(namespace.id)) return [say.pass(`the datashare ${name} is granted to it`)];
    const what = `the grant of the datashare ${name} to ${namespace.id}`;
    return [absence(seen, say, { what, id: `${warehouse.short}/grant` })];
  },
};

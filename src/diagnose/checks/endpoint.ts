import { ageOf, describeAge, suspiciousMs } from '../ageing.ts';
import { pool, type WarehouseCheck } from '../check.ts';
import type { Finding, Say } from '../finding.ts';
import type { EndpointView, Examined, Observations } from '../observations.ts';
import { absence, endpointOf, mend, rsds, workgroupOf } from '../selectors.ts';

export const endpoint: WarehouseCheck = {
  name: 'endpoint',
  question: 'Is the managed endpoint ACTIVE, with an address?',
  roles: pool,
  findings(seen, say, examined) {
    const { warehouse, wanted } = examined;
    const reading = endpointOf(seen, warehouse);
    if ('unread' in reading) return [say.unchecked(reading.unread)];
    const found = reading.value;
    if (found) return wanted ? [statusOf(seen, say, examined, found)] : [];
    if (!wanted) return [];
    const workgroup = workgroupOf(seen, warehouse);
    // Nothing to hang it on: the workgroup's own check says so.
    if ('value' in workgroup && workgroup.value?.status !== 'AVAILABLE') return [];
    const what = `the endpoint ${seen.desired.names.endpoint(warehouse.short)}`;
    return [absence(seen, say, { what, id: `${warehouse.short}/endpoint` })];
  },
};

function statusOf(seen: Observations, say: Say, { warehouse }: Examined, found: EndpointView): Finding {
  const { name, status, addresses, port, workgroup } = found;
  const remedy = mend(seen);
  if (workgroup !== warehouse.name) {
    const cause = 'somebody else uses the name: it carries no tags that could tell whose it is';
    return say.fail(`the endpoint ${name} belongs to the workgroup ${workgroup}`, {
      cause,
      remedy: 'choose another project or environment name, or remove what is in the way',
    });
  }
  if (status === 'ACTIVE' && addresses.length > 0) {
    return say.pass(`the endpoint ${name} is ACTIVE: ${addresses.join(', ')}${port === undefined ? '' : `:${port}`}`);
  }
  const age = ageOf(seen, `${warehouse.short}/endpoint`, 'endpoint', status);
  const shown = `the endpoint ${name} is ${status}${addresses.length === 0 ? ' without an address' : ''}`;
  const what = `${shown}, ${describeAge(age)}`;
  if (status === 'DELETING') return say.warn(what, { cause: 'somebody deletes it', remedy });
  if ((age.seenMs ?? 0) > suspiciousMs) {
    return say.fail(what, { cause: 'it takes far longer than usual; AWS may lack addresses in its subnet', remedy });
  }
  return say.warn(what, { cause: 'AWS is at it', remedy: rsds(seen, `diagnose ${warehouse.short}`) });
}

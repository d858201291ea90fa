import { ageOf, describeAge, stuckMs } from '../ageing.ts';
import { everyRole, type WarehouseCheck } from '../check.ts';
import type { Finding, Say } from '../finding.ts';
import type { Examined, NamespaceView, Observations } from '../observations.ts';
import { absence, mend, namespaceOf, rsds } from '../selectors.ts';

export const namespace: WarehouseCheck = {
  name: 'namespace',
  question: 'Is the namespace AVAILABLE, with its role and its admin password?',
  roles: everyRole,
  findings(seen, say, examined) {
    const { warehouse, wanted } = examined;
    const reading = namespaceOf(seen, warehouse);
    if ('unread' in reading) return [say.unchecked(reading.unread)];
    const found = reading.value;
    const id = `${warehouse.short}/namespace`;
    if (!found) return wanted ? [absence(seen, say, { what: `the namespace ${warehouse.name}`, id })] : [];
    return [statusOf(seen, say, examined, found), ...rolesOf(say, found), ...adminOf(seen, say, found)];
  },
};

function statusOf(seen: Observations, say: Say, { warehouse }: Examined, { status, id }: NamespaceView): Finding {
  if (status === 'AVAILABLE') return say.pass(`the namespace is AVAILABLE: ${id}`);
  const age = ageOf(seen, `${warehouse.short}/namespace`, 'namespace', status);
  const what = `the namespace is ${status}, ${describeAge(age)}`;
  const look = rsds(seen, `diagnose ${warehouse.short}`);
  if ((age.seenMs ?? 0) <= stuckMs) return say.warn(what, { cause: 'AWS is at it, or at its workgroup', remedy: look });
  return say.fail(what, {
    cause: 'it is stuck: no API cancels what AWS is at, and nothing can be changed meanwhile',
    remedy: `open a support case at AWS, and look again: ${look}`,
  });
}

/** COPY fails until the role is in sync, whatever the namespace's own status says (F-662). */
const rolesOf = (say: Say, { roles }: NamespaceView): Finding[] =>
  roles
    .filter(({ applyStatus }) => applyStatus !== 'in-sync')
    .map(({ arn, applyStatus }) =>
      say.warn(`the role ${arn} is ${applyStatus}`, { cause: 'COPY can use it once it is in-sync' }),
    );

const adminOf = (seen: Observations, say: Say, { adminSecretArn }: NamespaceView): Finding[] =>
  adminSecretArn !== undefined
    ? []
    : [
        say.warn('AWS does not manage the admin password', {
          cause: 'rsds can run no SQL on it: it has no secret to log in with',
          remedy: mend(seen),
        }),
      ];

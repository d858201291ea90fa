import { everyRole, type WarehouseCheck } from '../check.ts';
import type { Finding, Say } from '../finding.ts';
import type { Observations, WorkgroupView } from '../observations.ts';
import { awsCli, mend, workgroupOf } from '../selectors.ts';

/** Every workgroup has an endpoint of its own, beside the managed one of a consumer. */
export const ownEndpoint: WarehouseCheck = {
  name: 'own-endpoint',
  question: "Has the workgroup's own endpoint interfaces, on the right port, and no public address?",
  roles: everyRole,
  findings(seen, say, { warehouse }) {
    const reading = workgroupOf(seen, warehouse);
    // Without interfaces while it is being made is normal.
    if ('unread' in reading || reading.value?.status !== 'AVAILABLE') return [];
    const found = problems(seen, say, reading.value);
    if (found.length > 0) return found;
    const { address, port, zones } = reading.value;
    return [say.pass(`${address}:${port} in ${zones.join(', ')}`)];
  },
};

function problems(seen: Observations, say: Say, found: WorkgroupView): Finding[] {
  const { port } = seen.desired.config.loadBalancer;
  const remedy = mend(seen);
  const about = `redshift-serverless get-workgroup --workgroup-name ${found.name}`;
  return [
    ...(found.zones.length > 0
      ? []
      : [
          say.fail('its own endpoint has no network interface', {
            cause: 'the workgroup is AVAILABLE and cannot be reached: AWS could not place it in the subnets',
            remedy: awsCli(seen, about),
          }),
        ]),
    ...(found.port === undefined || found.port === port
      ? []
      : [say.fail(`it listens on ${found.port}; ${port} is configured`, { cause: 'its port was changed', remedy })]),
    ...(found.publiclyAccessible
      ? [
          say.warn('it has a public address', {
            cause: 'somebody switched it on; only groups and routes protect it',
            remedy,
          }),
        ]
      : []),
  ];
}

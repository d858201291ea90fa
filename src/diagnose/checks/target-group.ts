import type { Attributes } from '../../aws/elb.ts';
import { pool, type SharedCheck } from '../check.ts';
import type { Finding, Say } from '../finding.ts';
import type { Observations, TargetGroupView } from '../observations.ts';
import { together } from '../reading.ts';
import { absence, isAbsent, mend } from '../selectors.ts';

interface Trap {
  readonly key: string;
  readonly verdict: 'warn' | 'fail';
  readonly cause: string;
}

/** Attributes that must not be `true`. */
const traps: readonly Trap[] = [
  {
    key: 'preserve_client_ip.enabled', // F-680
    verdict: 'fail',
    cause: 'endpoints are PrivateLink interfaces, from which answers to client addresses do not come back',
  },
  { key: 'proxy_protocol_v2.enabled', verdict: 'fail', cause: 'Redshift does not understand the proxy protocol' },
  { key: 'stickiness.enabled', verdict: 'warn', cause: 'clients behind one address all get the same consumer' },
  {
    key: 'target_health_state.unhealthy.connection_termination.enabled', // F-681
    verdict: 'warn',
    cause: 'every query of a consumer that misses two health checks is cut',
  },
];

export const targetGroup: SharedCheck = {
  name: 'target-group',
  question: 'Is the target group there, and set so that connections come about and stay?',
  subject: 'load balancer',
  matters: pool,
  findings(seen, say) {
    const read = together({ group: seen.targetGroup, attributes: seen.targetGroupAttributes });
    if ('unread' in read) return [say.unchecked(read.unread)];
    const { group, attributes } = read.value;
    const title = `the target group ${seen.desired.names.targetGroup}`;
    if (!group) return isAbsent(seen) ? [] : [absence(seen, say, { what: title, id: 'nlb/target-group' })];
    const found = [...kindOf(seen, say, group), ...trapsIn(seen, say, attributes)];
    return found.length > 0 ? found : [say.pass(`${title} takes TCP to addresses`)];
  },
};

function kindOf(seen: Observations, say: Say, { protocol, targetType }: TargetGroupView): Finding[] {
  if (protocol === 'TCP' && targetType === 'ip') return [];
  return [
    say.fail(`it is for ${protocol} to targets of type ${targetType}, not for TCP to addresses`, {
      cause: 'somebody made it so, and it can not be changed',
      remedy: `delete ${seen.desired.names.targetGroup} by hand, then ${mend(seen)}`,
    }),
  ];
}

const trapsIn = (seen: Observations, say: Say, attributes: Attributes): Finding[] =>
  traps
    .filter(({ key }) => attributes[key] === 'true')
    .map(({ key, verdict, cause }) => say[verdict](`${key} is on`, { cause, remedy: mend(seen) }));

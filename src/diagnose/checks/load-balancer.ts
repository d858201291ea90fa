import { pool, type SharedCheck } from '../check.ts';
import type { Finding, Say } from '../finding.ts';
import type { BalancerView, Observations } from '../observations.ts';
import { absence, awsCli, isAbsent, mend } from '../selectors.ts';

export const loadBalancer: SharedCheck = {
  name: 'load-balancer',
  question: 'Is the load balancer there, active, internal, and in its security group?',
  subject: 'load balancer',
  matters: pool,
  findings(seen, say) {
    if ('unread' in seen.balancer) return [say.unchecked(seen.balancer.unread)];
    const found = seen.balancer.value;
    const title = `the load balancer ${seen.desired.names.loadBalancer}`;
    if (!found) return isAbsent(seen) ? [] : [absence(seen, say, { what: title, id: 'nlb/load-balancer' })];
    return [stateOf(seen, say, found), ...built(seen, say, found)];
  },
};

function stateOf(seen: Observations, say: Say, { state, reason, dnsName, arn }: BalancerView): Finding {
  const what = `the load balancer is ${state}: ${dnsName}`;
  if (state === 'active') return say.pass(what);
  const why = reason === undefined ? '' : `: ${reason}`;
  if (state === 'provisioning')
    return say.warn(what, { cause: `AWS is making it, usually in two to four minutes${why}` });
  if (state === 'active_impaired') {
    return say.warn(what, { cause: `it works, and AWS has not the resources to scale it${why}` });
  }
  return say.fail(what, { cause: `AWS could not make it${why}`, remedy: anew(seen, arn) });
}

/** What can't be changed afterwards: kind, scheme, and having no security group at all (F-677). */
function built(seen: Observations, say: Say, { type, scheme, groupIds, arn }: BalancerView): Finding[] {
  if (type !== 'network' || scheme !== 'internal') {
    const cause = 'somebody made it so, and neither can be changed';
    return [
      say.fail(`it is ${scheme} and of type ${type}, not internal and network`, { cause, remedy: anew(seen, arn) }),
    ];
  }
  if (groupIds.length > 0) return [];
  const cause = 'it was made without one, and can never get one: nothing says who may reach it';
  return [say.fail('it has no security group', { cause, remedy: anew(seen, arn) })];
}

const anew = (seen: Observations, arn: string) =>
  `${awsCli(seen, `elbv2 delete-load-balancer --load-balancer-arn ${arn}`)}\n${mend(seen)}`;

import { everyRole, type SharedCheck } from '../check.ts';
import type { Finding, Say } from '../finding.ts';
import type { Observations } from '../observations.ts';
import { absence, isAbsent, mend } from '../selectors.ts';

export const network: SharedCheck = {
  name: 'network',
  question: 'Are the VPC and enough subnets there?',
  subject: 'network',
  matters: everyRole,
  findings(seen, say) {
    if ('unread' in seen.network) return [say.unchecked(seen.network.unread)];
    const found = seen.network.value;
    if (!found) return isAbsent(seen) && isOwn(seen) ? [] : [missing(seen, say)];
    const zones = new Set(found.subnets.map(({ zone }) => zone)).size;
    const what = `${found.vpcId}, ${found.subnets.length} subnets in ${zones} zones`;
    const needed = seen.desired.config.network.enhancedVpcRouting ? 3 : 2; // F-814
    if (zones >= needed) return [say.pass(what)];
    return [
      say.fail(what, {
        cause: `workgroups need subnets in ${needed} zones`,
        remedy: isOwn(seen) ? mend(seen) : `name subnets in ${needed} zones in network.subnetIds, then ${mend(seen)}`,
      }),
    ];
  },
};

const isOwn = ({ desired }: Observations) => 'create' in desired.config.network.vpc;

function missing(seen: Observations, say: Say): Finding {
  if (isOwn(seen)) return absence(seen, say, { what: `the VPC ${seen.desired.names.vpc}`, id: 'vpc/vpc' });
  const choice = seen.desired.config.network.vpc;
  const which = 'id' in choice ? choice.id : `named ${'name' in choice ? choice.name : ''}`;
  return say.fail(`the VPC ${which} is not there`, {
    cause: 'network.vpc names a VPC that this account does not have in this region',
    remedy: awsCli(seen),
  });
}

const awsCli = ({ suffix }: Observations) => `aws ec2 describe-vpcs${suffix.aws}`;

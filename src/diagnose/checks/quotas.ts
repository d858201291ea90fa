import { everyRole, type SharedCheck } from '../check.ts';
import type { Finding, Say } from '../finding.ts';
import type { Observations, QuotaView } from '../observations.ts';

/** Fewer left than for one more consumer and its replacement. */
const scarce = 2;

export const quotas: SharedCheck = {
  name: 'quotas',
  question: 'Is there room in the quotas for another warehouse?',
  subject: 'environment',
  matters: everyRole,
  findings: (seen, say) => seen.quotas.map((quota) => finding(seen, say, quota)),
};

function finding(seen: Observations, say: Say, { what, used, limit, assumed }: QuotaView): Finding {
  if ('unread' in used) return say.unchecked(used.unread);
  const of = `${used.value} of ${limit} ${what} are in use${assumed ? ' (the limit is AWS’s default)' : ''}`;
  const left = limit - used.value;
  if (left > scarce) return say.pass(of);
  const cause = left <= 0 ? 'no more can be made' : `only ${left} more can be made`;
  const region = seen.desired.config.region;
  return say.warn(of, { cause, remedy: `ask for more: https://${region}.console.aws.amazon.com/servicequotas/home` });
}

import { everyRole, type SharedCheck } from '../check.ts';
import { heldFinding } from './environment-lock.ts';

export const workgroupLane: SharedCheck = {
  name: 'workgroup-lane',
  question: 'Does a run hold the lane of the account and region, and is it alive?',
  subject: 'environment',
  matters: everyRole,
  findings(seen, say) {
    const { lane } = seen;
    if ('unread' in lane) return [say.unchecked(lane.unread)];
    const holder = lane.value?.holder;
    return [holder ? heldFinding(seen, say, holder, 'the workgroup lane') : say.pass('the workgroup lane is free')];
  },
};

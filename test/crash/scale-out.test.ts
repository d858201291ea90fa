import { describeCrashes } from './crashes.ts';
import { projectOf } from './small-project.ts';
import { record } from './sweep.ts';

describeCrashes({
  title: 'scale out (2 to 3)',
  atLeast: 65,
  record: async () => {
    const yaml = projectOf(2);
    const { end: from } = await record({ verb: 'up', yaml });
    return record({ verb: 'scale', options: { consumers: 3 }, yaml, from });
  },
});

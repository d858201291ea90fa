import { describeCrashes } from './crashes.ts';
import { projectOf } from './small-project.ts';
import { record } from './sweep.ts';

describeCrashes({
  title: 'scale in (3 to 2)',
  atLeast: 30,
  record: async () => {
    const yaml = projectOf(3);
    const { end: from } = await record({ verb: 'up', yaml });
    return record({ verb: 'scale', options: { consumers: 2 }, yaml, from });
  },
});

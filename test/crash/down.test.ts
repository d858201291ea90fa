import { describeCrashes } from './crashes.ts';
import { projectOf } from './small-project.ts';
import { record } from './sweep.ts';

describeCrashes({
  title: 'down',
  atLeast: 150,
  record: async () => {
    const yaml = projectOf(3);
    const { end: from } = await record({ verb: 'up', yaml });
    return record({ verb: 'down', yaml, from });
  },
});

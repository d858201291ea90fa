import { describeCrashes } from './crashes.ts';
import { sweptProject } from './small-project.ts';
import { record } from './sweep.ts';

describeCrashes({
  title: 'down',
  atLeast: 150,
  record: async () => {
    const yaml = sweptProject;
    const { end: from } = await record({ verb: 'up', yaml });
    return record({ verb: 'down', yaml, from });
  },
});

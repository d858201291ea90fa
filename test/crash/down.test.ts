import { describeCrashes } from './crashes.ts';
import { smallProject } from './small-project.ts';
import { record } from './sweep.ts';

describeCrashes({
  verb: 'down',
  atLeast: 60,
  record: async () => {
    const built = await record({ verb: 'up', yaml: smallProject });
    return record({ verb: 'down', yaml: smallProject, from: built.end });
  },
});

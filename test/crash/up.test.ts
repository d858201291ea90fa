import { describeCrashes } from './crashes.ts';
import { smallProject } from './small-project.ts';
import { record } from './sweep.ts';

describeCrashes({ verb: 'up', atLeast: 140, record: () => record({ verb: 'up', yaml: smallProject }) });

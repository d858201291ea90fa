import { describeCrashes } from './crashes.ts';
import { sweptProject } from './small-project.ts';
import { record } from './sweep.ts';

describeCrashes({ title: 'up', atLeast: 250, record: () => record({ verb: 'up', yaml: sweptProject }) });

import { describeCrashes } from './crashes.ts';
import { projectOf } from './small-project.ts';
import { record } from './sweep.ts';

describeCrashes({ title: 'up', atLeast: 300, record: () => record({ verb: 'up', yaml: projectOf(3) }) });

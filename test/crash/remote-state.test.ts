/** With the ledger in S3, each of its writes is a call like others: the process may die on either side. */
import { makeStateBucket, stateInS3 } from '../support/aftermath.ts';
import { startProject } from '../support/project.ts';
import { describeCrashes } from './crashes.ts';
import { projectOf } from './small-project.ts';
import { record, type Standing } from './sweep.ts';

async function accountWithBucket(): Promise<Standing> {
  const project = await startProject();
  try {
    await makeStateBucket(project);
    return { saved: await project.simulator.save(), ledger: undefined };
  } finally {
    await project.close();
  }
}

describeCrashes({
  title: 'scale out (2 to 3), its ledger in S3',
  atLeast: 65,
  record: async () => {
    const yaml = `${projectOf(2)}${stateInS3}`;
    const { end: from } = await record({ verb: 'up', yaml, from: await accountWithBucket() });
    return record({ verb: 'scale', options: { consumers: 3 }, yaml, from });
  },
});

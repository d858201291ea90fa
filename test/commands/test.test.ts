import { beforeAll, expect, test } from 'vitest';
import { openLiveProject } from '../support/live-project.ts';
import { buildStandingProject, plainYaml, type StandingProject } from '../support/standing.ts';

let standing: StandingProject;
beforeAll(async () => {
  standing = await buildStandingProject(plainYaml(2));
});

test('x', async () => {
  const p = await openLiveProject(standing);
  const r = await p.run('test', { debug: false });
  console.log(r.exitCode, r.error, r.stdout, r.stderr);
  const l = await p.run('test', {
    debug: false,
    arguments: { kind: 'load' },
    options: { seconds: 3, connections: 10 },
  });
  console.log(l.exitCode, l.error, l.stdout, l.stderr);
  const j = await p.run('test', { json: true, debug: false, arguments: { kind: 'balance' } });
  console.log(j.stdout.slice(0, 800));
});

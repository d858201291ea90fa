/** `rsds sim …`: the AWS simulator of this folder. */
import { command } from './definition.ts';
import { faultKindNames } from './sim/fault-kinds.ts';

export const simStart = command({
  name: 'sim start',
  summary: 'start the AWS simulator in the background',
  details:
    'Any command with --sim does so by itself. The simulator ends when it has been idle for ten minutes; its world is kept.',
  offline: true,
  options: {
    speed: {
      type: 'integer',
      value: 'times',
      min: 1,
      max: 10_000,
      summary: 'how many times faster than real time AWS is to run (default: 60)',
    },
  },
  examples: ['rsds sim start --speed 600', 'AWS_ENDPOINT_URL=http://127.0.0.1:PORT aws ec2 describe-vpcs'],
  run: async ({ options }, context) => (await import('./sim/verbs.ts')).start(options.speed, context),
});

export const simStop = command({
  name: 'sim stop',
  summary: 'save the simulated world and stop the simulator',
  offline: true,
  run: async (_input, context) => (await import('./sim/verbs.ts')).stop(context),
});

export const simStatus = command({
  name: 'sim status',
  summary: 'show whether the simulator runs, and what it has served',
  offline: true,
  run: async (_input, context) => (await import('./sim/verbs.ts')).status(context),
});

export const simReset = command({
  name: 'sim reset',
  summary: 'forget the simulated world and everything built in it',
  offline: true,
  run: async (_input, context) => (await import('./sim/verbs.ts')).reset(context),
});

export const simLog = command({
  name: 'sim log',
  summary: 'list the requests that the simulator has served',
  offline: true,
  options: {
    service: { type: 'list', value: 'name', summary: 'only these services, e.g. ec2' },
    mutating: { type: 'flag', summary: 'only requests that change something' },
    last: { type: 'integer', value: 'count', min: 1, summary: 'only the last ones' },
  },
  examples: ['rsds sim log --mutating --last 20', 'rsds sim log --service ec2,kms --json'],
  run: async ({ options }, context) => (await import('./sim/verbs.ts')).log(options, context),
});

export const simFaultAdd = command({
  name: 'sim fault add',
  summary: 'let requests to the simulated AWS fail, get lost or take long',
  details: `Kinds:
  throttle, error, denied, expired  refused in the service's own words, before any effect
  lost-request, lost-response       the connection is cut, before or after the effect
  slow                              held back for a while
  dead, slow-link (--workgroup)     a warehouse does not answer its clients, or late
  zone-outage (--zone)              nothing in a zone answers
Where several are meant for a request, the first that strikes counts. Faults end with the simulator.`,
  offline: true,
  arguments: { kind: { summary: `one of ${faultKindNames.join(', ')}`, required: true } },
  options: {
    service: { type: 'list', value: 'name', summary: 'only requests to these services, e.g. ec2' },
    operation: { type: 'list', value: 'name', summary: "only these operations, e.g. CreateSubnet or 'Create*'" },
    after: { type: 'integer', value: 'count', min: 0, summary: 'let so many of them pass first' },
    times: { type: 'integer', value: 'count', min: 1, summary: 'strike so many times at most' },
    percent: {
      type: 'integer',
      value: 'chance',
      min: 1,
      max: 100,
      summary: 'how likely each is struck (default: 100)',
    },
    seed: { type: 'integer', value: 'number', min: 0, summary: 'repeats the same chances' },
    seconds: {
      type: 'integer',
      value: 'time',
      min: 1,
      summary: "for slow and slow-link: AWS's time to hold back (default: 10, slow-link 1)",
    },
    workgroup: { type: 'text', value: 'name', summary: 'for dead and slow-link: the full name of the workgroup' },
    zone: { type: 'text', value: 'name', summary: 'for zone-outage, e.g. us-east-1a' },
    status: {
      type: 'text',
      value: 'code',
      choices: ['500', '503'],
      summary: 'for error: what is answered (default: 500)',
    },
  },
  examples: [
    'rsds sim fault add throttle --percent 30',
    'rsds sim fault add lost-response --service ec2 --operation CreateSubnet --times 1',
    'rsds sim fault add expired --after 40',
    'rsds sim fault add dead --workgroup airline-dev-consumer-2',
    'rsds sim fault add zone-outage --zone us-east-1a',
  ],
  run: async (input, context) => (await import('./sim/faults.ts')).add(input, context),
});

export const simFaultList = command({
  name: 'sim fault list',
  summary: 'list the faults that are set, and how often each struck',
  offline: true,
  run: async (_input, context) => (await import('./sim/faults.ts')).list(context),
});

export const simFaultClear = command({
  name: 'sim fault clear',
  summary: 'take faults away',
  offline: true,
  arguments: { id: { summary: 'number of the fault in the list; without it, all of them' } },
  run: async (input, context) => (await import('./sim/faults.ts')).clear(input.arguments.id, context),
});

/** The background process itself; started by the others. */
export const simServe = command({
  name: 'sim serve',
  summary: 'serve the simulator in the foreground',
  hidden: true,
  offline: true,
  // Not a document: at SIGTERM it still has a world to save.
  answers: 'events',
  options: {
    directory: { type: 'text', value: 'folder', summary: 'where the world is kept' },
    speed: { type: 'integer', value: 'times', min: 1, summary: 'how many times faster than real time' },
  },
  run: async ({ options }, context) => {
    const [{ serve }, { startSimulator }, { defaultSpeed }, { RealClock }, { formatDateTime }] = await Promise.all([
      import('./sim/serve.ts'),
      import('../simulator/simulator.ts'),
      import('./sim/attach.ts'),
      import('../shared/clock.ts'),
      import('../report/wording.ts'),
    ]);
    await serve({
      directory: options.directory ?? context.stateDirectory,
      speed: options.speed ?? defaultSpeed,
      program: context.program,
      random: context.random,
      signal: context.signal,
      start: (options: Parameters<typeof startSimulator>[0]) => startSimulator({ ...options, network: true }),
      log: (text) => context.notices.line(`${formatDateTime(new RealClock().now())} ${text}`),
    });
    return undefined;
  },
});

export const simCommands = [
  simStart,
  simStop,
  simStatus,
  simReset,
  simLog,
  simFaultAdd,
  simFaultList,
  simFaultClear,
  simServe,
];

/** `rsds test`: whether clients get through, to every consumer alike, and how it goes under load. */
import { RsdsError } from '../shared/errors.ts';
import { command } from './definition.ts';

const kinds = ['connectivity', 'balance', 'load'] as const;
export type TestKind = (typeof kinds)[number];

export interface TestOptions {
  readonly kind: TestKind | undefined;
  readonly connections: number | undefined;
  readonly seconds: number | undefined;
  readonly report: string | undefined;
  /** `local` or `instances`; undefined: local. */
  readonly from: string | undefined;
  readonly count: number | undefined;
}

/** Of a load from instances: they take their time to come, and end themselves, whatever becomes of rsds. */
const instanceSecondsMax = 3 * 3_600;

const isKind = (text: string): text is TestKind => (kinds as readonly string[]).includes(text);

export const test = command({
  name: 'test',
  summary:
    'connect as clients do and say what is amiss: the path layer by layer, the balance, a load; wakes the consumers',
  details:
    'connectivity: what diagnose finds, connections through the load balancer taken layer by layer, and the Data API as the reader where consumers stay silent. balance: who answers new connections. load: many clients for a while. Default: connectivity, then balance. Each consumer that answers a query is billed for a minute of its base at least; the price is shown and asked for first. Exits with 5 when a fault was found.',
  arguments: { kind: { summary: 'connectivity, balance or load; default: connectivity and balance' } },
  options: {
    connections: {
      type: 'integer',
      value: 'n',
      min: 1,
      max: 2_000,
      summary:
        'of balance: how many are opened (60, and ten for each consumer at least); of load: how many at once (50)',
    },
    seconds: { type: 'integer', value: 'n', min: 1, max: 86_400, summary: 'of load: for how long (60)' },
    from: {
      type: 'text',
      value: 'place',
      choices: ['local', 'instances'],
      summary: 'where to connect from: this machine (default), or instances made in the VPC for the time of the test',
    },
    count: { type: 'integer', value: 'n', min: 1, max: 20, summary: 'with --from instances: how many of them (2)' },
    report: {
      type: 'text',
      value: 'file',
      summary: 'of load: writes the evidence as Markdown, with a picture beside it',
    },
  },
  examples: [
    'rsds test',
    'rsds test balance --connections 200',
    'rsds test load --seconds 300 --report load.md',
    'rsds test --from instances',
  ],
  endsEarly: true,
  check({ options: { connections, seconds, report, from, count }, arguments: { kind } }) {
    if (kind !== undefined && !isKind(kind)) {
      throw new RsdsError('usage/invalid', `there is no test '${kind}'`, { hint: `use one of: ${kinds.join(', ')}` });
    }
    const given = Object.entries({ seconds, report }).find(([, value]) => value !== undefined)?.[0];
    if (given !== undefined && kind !== 'load') throw onlyOf(given, 'load');
    if (count !== undefined && from !== 'instances') throw onlyOf('count', '--from instances');
    if (from === 'instances' && (seconds ?? 0) > instanceSecondsMax) {
      throw new RsdsError('usage/invalid', `--seconds ${seconds} is more than test instances live`, {
        hint: `give ${instanceSecondsMax} at most: they end themselves after four hours`,
      });
    }
    if (connections !== undefined && kind === 'connectivity') throw onlyOf('connections', 'balance and load');
  },
  run: async ({ options, arguments: { kind } }, context) =>
    (await import('./test/run.ts')).runTest(context, { ...options, kind: kind as TestKind | undefined }),
});

const onlyOf = (option: string, what: string) =>
  new RsdsError('usage/invalid', `--${option} is for ${what}`, { hint: 'rsds test --help shows what goes with what' });

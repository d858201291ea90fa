/** Reads what the script printed: a line of JSON, with the report packed in it. */
import { inflateSync } from 'node:zlib';
import { RsdsError } from '../../shared/errors.ts';
import {
  type Attempt,
  type ConnectionReport,
  type Layer,
  type LoadError,
  type LoadReport,
  type LoadSecond,
  layers,
  type ProbeReport,
} from '../plan.ts';

interface Printed {
  readonly version: number;
  readonly report?: string;
  readonly error?: { readonly code: string; readonly message: string };
}

interface PackedConnections {
  readonly kind: 'connections';
  readonly attempts: {
    readonly names: readonly string[];
    readonly errors: readonly (readonly [Layer, string, string])[];
    readonly ms: Readonly<Record<Layer, readonly (number | null)[]>>;
    /** Indexes; −1: none. */
    readonly name: readonly number[];
    readonly error: readonly number[];
  };
}

interface PackedLoad extends Pick<LoadReport, 'opened' | 'queries' | 'latencies'> {
  readonly kind: 'load';
  readonly errors: readonly (readonly [Layer | 'query', string, string, string | null, number, number])[];
  readonly seconds: readonly (readonly [number, LoadSecond['open'], LoadSecond['queries'], number])[];
}

/** What an instance said, and where it said it. */
export interface Output {
  readonly instanceId: string;
  readonly status: string;
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Throws `probe/script` for a command that failed, a script that could not read the password, and what is no report. */
export function reportOf(output: Output): ProbeReport {
  const printed = printedBy(output.stdout);
  if (printed?.error) {
    const { code, message } = printed.error;
    throw new RsdsError('probe/script', `${output.instanceId} could not test: ${message} (${code})`, {
      hint: 'see whether the secret of the reader is there, and what its resource policy says',
    });
  }
  if (printed?.report === undefined || printed.version !== 1) throw failedCommand(output);
  return unpack(printed.report, output);
}

function printedBy(stdout: string): Printed | undefined {
  try {
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Printed;
  } catch {
    // Not a word of the script's: what there is will be told by whoever asks.
    return undefined;
  }
}

function failedCommand({ instanceId, status, exitCode, stdout, stderr }: Output): RsdsError {
  const said = (stderr.trim() || stdout.trim()).split('\n').slice(-3).join(' ').slice(-400);
  const how = /^(Success|Failed)$/.test(status) ? `exit code ${exitCode}` : status;
  const hint = /python3: .*not found/.test(stderr)
    ? 'the image of the instances has no python3: test from this machine instead'
    : 'run the test again';
  return new RsdsError('probe/script', `the test on ${instanceId} ended with ${how}${said === '' ? '' : `: ${said}`}`, {
    hint,
  });
}

function unpack(report: string, output: Output): ProbeReport {
  try {
    const packed = JSON.parse(inflateSync(Buffer.from(report, 'base64')).toString()) as PackedConnections | PackedLoad;
    return packed.kind === 'connections' ? connectionsOf(packed) : loadOf(packed);
  } catch (cause) {
    throw new RsdsError('probe/script', `what ${output.instanceId} reported can't be read`, { cause });
  }
}

function connectionsOf({ attempts }: PackedConnections): ConnectionReport {
  const { names, errors, ms, name, error } = attempts;
  return {
    kind: 'connections',
    attempts: name.map((index, n): Attempt => {
      const took = layers.flatMap((layer) => {
        const value = ms[layer][n];
        return typeof value === 'number' ? [[layer, value] as const] : [];
      });
      const [layer, code = '', message = ''] = errors[error[n] ?? -1] ?? [];
      return {
        ms: Object.fromEntries(took),
        ...(index < 0 ? {} : { namespaceId: names[index] }),
        ...(layer === undefined ? {} : { failed: { layer, error: { code, message } } }),
      };
    }),
  };
}

const loadOf = ({ opened, queries, errors, latencies, seconds }: PackedLoad): LoadReport => ({
  kind: 'load',
  opened,
  queries,
  errors: errors.map(
    ([layer, code, message, name, firstAt, count]): LoadError => ({
      ...{ layer, code, message, firstAt, count },
      ...(name === null ? {} : { namespaceId: name }),
    }),
  ),
  latencies,
  seconds: seconds.map(([second, open, answered, failed]) => ({ second, open, queries: answered, errors: failed })),
});

/** What `rsds sim fault add|list|clear` do. */
import { plural } from '../../report/wording.ts';
import { RealClock } from '../../shared/clock.ts';
import { RsdsError } from '../../shared/errors.ts';
import type { CommandContext } from '../context.ts';
import { defaultSpeed, simulatedEnvironment } from './attach.ts';
import { ensureSimulator, findSimulator } from './background.ts';
import { askControl } from './control.ts';
import { type FaultKindName, faultKindNames } from './fault-kinds.ts';
import type { PortFile } from './port-file.ts';
import type { SetSimFault, SimFault } from './serve.ts';
import { directoryOf } from './verbs.ts';

export interface FaultRequest {
  readonly arguments: { readonly kind: string };
  readonly options: {
    readonly service: readonly string[];
    readonly operation: readonly string[];
    readonly after: number | undefined;
    readonly times: number | undefined;
    readonly percent: number | undefined;
    readonly seed: number | undefined;
    readonly seconds: number | undefined;
    readonly status: string | undefined;
    readonly workgroup: string | undefined;
    readonly zone: string | undefined;
  };
}

/** Sets a fault, in the simulator that runs or in one that is started for it. */
export async function add(request: FaultRequest, context: CommandContext): Promise<undefined> {
  const wanted = faultOf(request);
  const { portFile } = await ensureSimulator({
    directory: directoryOf(context),
    program: context.program,
    speed: defaultSpeed,
    environment: simulatedEnvironment(context.environment),
    clock: new RealClock(),
    random: context.random,
    signal: context.signal,
  });
  const query = new URLSearchParams({ fault: JSON.stringify(wanted) });
  const fault = await askControl<SetSimFault>(portFile, `/fault/add?${query}`);
  context.out.document({ fault });
  context.out.text(`set ${faultLine(fault)}; rsds sim fault clear ${fault.id} takes it away`);
  return undefined;
}

/** @throws RsdsError `usage/invalid` for what does not go together */
export function faultOf({ arguments: { kind }, options }: FaultRequest): SimFault {
  const { service: services, operation: operations, after, times, percent, seed, seconds, status } = options;
  if (!isFaultKind(kind)) {
    const hint = `one of ${faultKindNames.join(', ')}`;
    throw new RsdsError('usage/invalid', `there is no fault '${kind}'`, { hint });
  }
  if (seconds !== undefined && kind !== 'slow' && kind !== 'slow-link')
    throw onlyFor('--seconds', 'slow and slow-link');
  if (status !== undefined && kind !== 'error') throw onlyFor('--status', 'error');
  const target = targetOf(kind, options);
  return {
    ...{ kind, services, operations },
    ...(target === undefined ? {} : { target }),
    ...(after === undefined ? {} : { after }),
    ...(times === undefined ? {} : { times }),
    ...(percent === undefined ? {} : { probability: percent / 100 }),
    ...(seed === undefined ? {} : { seed }),
    ...(seconds === undefined ? {} : { delayMs: seconds * 1_000 }),
    ...(status === undefined ? {} : { status: Number(status) }),
  };
}

/** Which option names what an outage is of. */
const targetOptions: Readonly<Partial<Record<FaultKindName, 'workgroup' | 'zone'>>> = {
  dead: 'workgroup',
  'slow-link': 'workgroup',
  'zone-outage': 'zone',
};

/** Options that choose among requests, which an outage does not touch. */
const requestOptions = ['service', 'operation', 'after', 'times', 'percent', 'seed'] as const;

function targetOf(kind: FaultKindName, options: FaultRequest['options']): string | undefined {
  const wanted = targetOptions[kind];
  const other = (['workgroup', 'zone'] as const).find((name) => name !== wanted && options[name] !== undefined);
  if (other) throw onlyFor(`--${other}`, other === 'zone' ? 'zone-outage' : 'dead and slow-link');
  if (wanted === undefined) return undefined;
  const given = requestOptions.find((name) => [options[name] ?? []].flat().length > 0);
  if (given)
    throw new RsdsError(
      'usage/invalid',
      `--${given} chooses among requests: a fault of kind ${kind} is of connections`,
    );
  const target = options[wanted];
  if (target !== undefined) return target;
  throw new RsdsError('usage/invalid', `a fault of kind ${kind} needs --${wanted}`, {
    hint: wanted === 'zone' ? '--zone us-east-1a' : '--workgroup airline-dev-consumer-2',
  });
}

const isFaultKind = (kind: string): kind is FaultKindName => (faultKindNames as readonly string[]).includes(kind);

const onlyFor = (flag: string, kind: string) =>
  new RsdsError('usage/invalid', `${flag} is for faults of kind ${kind} only`);

export async function list(context: CommandContext): Promise<undefined> {
  const found = await findSimulator(directoryOf(context));
  const faults = found ? await askControl<SetSimFault[]>(found, '/fault/list') : [];
  context.out.document({ faults });
  const lines = faults.map((fault) =>
    fault.target === undefined
      ? `${faultLine(fault)}: struck ${fault.struck} of ${plural(fault.met, 'request')}`
      : faultLine(fault),
  );
  context.out.text(lines.length > 0 ? lines.join('\n') : 'no faults are set');
  return undefined;
}

export async function clear(id: string | undefined, context: CommandContext): Promise<undefined> {
  if (id !== undefined && !/^\d+$/.test(id)) throw new RsdsError('usage/invalid', `'${id}' is no number of a fault`);
  const found = await findSimulator(directoryOf(context));
  const cleared = found ? await clearAt(found, id) : 0;
  if (id !== undefined && cleared === 0) {
    throw new RsdsError('usage/invalid', `there is no fault ${id}`, {
      hint: 'rsds sim fault list shows those that are set',
    });
  }
  context.out.document({ cleared });
  context.out.text(`${plural(cleared, 'fault')} taken away`);
  return undefined;
}

async function clearAt(to: PortFile, id: string | undefined): Promise<number> {
  const { cleared } = await askControl<{ cleared: number }>(to, `/fault/clear${id === undefined ? '' : `?id=${id}`}`);
  return cleared;
}

/** `2 throttle, 30 % of ec2 Create*, after 40, 2 times`. */
export function faultLine(fault: SetSimFault): string {
  const { id, kind, target: of, services, operations, after, times, probability, delayMs, status } = fault;
  const kindly = [kind, status ?? '', delayMs === undefined ? '' : `${delayMs / 1_000} s`].filter(Boolean).join(' ');
  if (of !== undefined) return `${id} ${kindly} of ${of}`;
  const target = [services.join(' or '), operations.join(' or ')].filter(Boolean).join(' ') || 'every request';
  const chance = probability === undefined ? '' : `${Math.round(probability * 100)} % of `;
  return [
    `${id} ${kindly}, ${chance}${target}`,
    ...(after === undefined ? [] : [`after ${after}`]),
    ...(times === undefined ? [] : [plural(times, 'time')]),
  ].join(', ');
}

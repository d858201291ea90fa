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
  if (seconds !== undefined && kind !== 'slow') throw onlyFor('--seconds', 'slow');
  if (status !== undefined && kind !== 'error') throw onlyFor('--status', 'error');
  return {
    ...{ kind, services, operations },
    ...(after === undefined ? {} : { after }),
    ...(times === undefined ? {} : { times }),
    ...(percent === undefined ? {} : { probability: percent / 100 }),
    ...(seed === undefined ? {} : { seed }),
    ...(seconds === undefined ? {} : { delayMs: seconds * 1_000 }),
    ...(status === undefined ? {} : { status: Number(status) }),
  };
}

const isFaultKind = (kind: string): kind is FaultKindName => (faultKindNames as readonly string[]).includes(kind);

const onlyFor = (flag: string, kind: FaultKindName) =>
  new RsdsError('usage/invalid', `${flag} is for faults of kind ${kind} only`);

export async function list(context: CommandContext): Promise<undefined> {
  const found = await findSimulator(directoryOf(context));
  const faults = found ? await askControl<SetSimFault[]>(found, '/fault/list') : [];
  context.out.document({ faults });
  const lines = faults.map((fault) => `${faultLine(fault)}: struck ${fault.struck} of ${plural(fault.met, 'request')}`);
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
  const { id, kind, services, operations, after, times, probability, delayMs, status } = fault;
  const kindly = [kind, status ?? '', delayMs === undefined ? '' : `${delayMs / 1_000} s`].filter(Boolean).join(' ');
  const target = [services.join(' or '), operations.join(' or ')].filter(Boolean).join(' ') || 'every request';
  const chance = probability === undefined ? '' : `${Math.round(probability * 100)} % of `;
  return [
    `${id} ${kindly}, ${chance}${target}`,
    ...(after === undefined ? [] : [`after ${after}`]),
    ...(times === undefined ? [] : [plural(times, 'time')]),
  ].join(', ');
}

/** What every test begins with: the account, what the control plane shows, where to connect, and from where. */
import { diagnose } from '../../diagnose/diagnose.ts';
import type { Finding } from '../../diagnose/finding.ts';
import type { Observations } from '../../diagnose/observations.ts';
import { isAbsent, wantedConsumers, workgroupOf } from '../../diagnose/selectors.ts';
import { formatDollars, lookDollars, rpuHourPrice } from '../../model/cost.ts';
import type { Warehouse } from '../../model/desired.ts';
import type { ProbeTarget, Vantage } from '../../probe/plan.ts';
import type { CommandContext } from '../context.ts';
import { lookAt } from '../diagnose/look.ts';
import { findPlace } from '../environment/place.ts';
import { type Account, openAccount } from '../environment/session.ts';
import { testInstances, thisMachine } from './vantage.ts';

/** What is known before anything is woken. */
export interface Survey {
  readonly here: Account;
  readonly seen: Observations;
  /** What `diagnose` says. */
  readonly control: readonly Finding[];
  /** Of the wanted ones those that stand, as far as it was read. */
  readonly consumers: readonly Warehouse[];
  /** Undefined: there is nothing to connect to, or nothing to log in with, as the findings say. */
  readonly target: ProbeTarget | undefined;
}

export interface Bench extends Survey {
  readonly target: ProbeTarget;
  readonly vantage: Vantage;
}

/** Looks at the control plane, which is free. Throws `connect/absent` where nothing stands at all. */
export async function survey(context: CommandContext): Promise<Survey> {
  const here = await openAccount(context);
  const seen = await lookAt(here, { watch: false });
  const control = diagnose(seen);
  const consumers = wantedConsumers(seen).flatMap(({ warehouse }) => (stands(seen, warehouse) ? [warehouse] : []));
  return { here, seen, control, consumers, target: await targetOf(here, seen, control) };
}

/** The same, as it is by now. */
export async function lookAgain(survey: Survey): Promise<Survey> {
  const seen = await lookAt(survey.here, { watch: false });
  return { ...survey, seen, control: diagnose(seen) };
}

function stands(seen: Observations, warehouse: Warehouse): boolean {
  const workgroup = workgroupOf(seen, warehouse);
  return 'unread' in workgroup || !['', 'CREATING', 'DELETING'].includes(workgroup.value?.status ?? '');
}

async function targetOf(here: Account, seen: Observations, control: readonly Finding[]) {
  const balancer = seen.balancer;
  const parts = ['value' in balancer && balancer.value === undefined, lacks(control, 'reader-secret')];
  if (!isAbsent(seen) && parts.includes(true)) return undefined;
  const { host, port, login } = await findPlace(here, undefined);
  const { database, user, secret } = login;
  return { host, port, database, user, secret };
}

const lacks = (control: readonly Finding[], check: string) =>
  control.some((finding) => finding.check === check && finding.verdict === 'fail');

/** Asks whether the consumers may be woken, opens the place to connect from, and closes it in the end. */
export async function onBench<T>(
  survey: Survey & { readonly target: ProbeTarget },
  ask: { readonly what: string; readonly seconds: number; readonly instances: number | undefined },
  body: (bench: Bench) => Promise<T>,
): Promise<T> {
  const { here, seen, consumers } = survey;
  const origin = ask.instances ? await testInstances(here, seen.desired, ask.instances) : thisMachine(here);
  const price = [origin.price ?? [], priceOf(here.config.region, consumers, ask.seconds)].flat().join('; it ');
  await here.context.prompter.confirm(`${ask.what}? It ${price}`);
  const vantage = await origin.open();
  try {
    return await body({ ...survey, vantage });
  } finally {
    await vantage.close();
  }
}

/** `wakes 3 consumers, about $0.60`: each for a minute of its base at the least (F-862); no figure where no price is known. */
export function priceOf(region: string, consumers: readonly Warehouse[], seconds: number): string {
  const many = consumers.length === 1 ? 'wakes 1 consumer' : `wakes ${consumers.length} consumers`;
  const minutes = Math.max(1, Math.ceil(seconds / 60));
  const time = minutes === 1 ? 'a minute' : `${minutes} minutes`;
  if (rpuHourPrice(region).assumed) return `${many} for ${time} at least`;
  const dollars = minutes * lookDollars(region, ...consumers.map(({ baseCapacity }) => baseCapacity));
  return `${many} for ${time} at least, about ${formatDollars(dollars)}`;
}

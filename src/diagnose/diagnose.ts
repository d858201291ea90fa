/** From observations to findings: all checks, in the order of the report. Pure. */
import { RsdsError } from '../shared/errors.ts';
import { sharedChecks, warehouseChecks } from './checks/index.ts';
import { type Finding, sayFor } from './finding.ts';
import type { Examined, Observations } from './observations.ts';
import { isAbsent, onItsWay } from './selectors.ts';

/**
 * What is to be said of the whole environment; of one warehouse with `only`: then of what all share only what concerns
 * it and is not well.
 */
export function diagnose(seen: Observations, only?: Examined): Finding[] {
  const shared = sharedChecks
    .filter(({ matters }) => only === undefined || matters.includes(only.warehouse.role))
    .flatMap((check) => check.findings(seen, sayFor(check.name, check.subject)))
    .filter(({ verdict }) => only === undefined || verdict !== 'pass');
  const examined = only ? [only] : seen.examined;
  const all = [...shared, ...(isAbsent(seen) ? [] : examined.flatMap((one) => ofWarehouse(seen, one)))];
  return all.map((finding) => onItsWay(seen, finding));
}

/** Nothing more is said of what is not ours: its state is its owner's business. */
function ofWarehouse(seen: Observations, examined: Examined): Finding[] {
  const { role, short } = examined.warehouse;
  const foreign = 'value' in seen.strangers && seen.strangers.value.some(({ subject }) => subject === short);
  return warehouseChecks
    .filter(({ name, roles }) => roles.includes(role) && (!foreign || name === 'ownership'))
    .flatMap((check) => check.findings(seen, sayFor(check.name, short), examined));
}

/** The warehouse that is called so, by its short or its full name. Throws `target/unknown`, which lists the names. */
export function findExamined(examined: readonly Examined[], name: string): Examined {
  const found = examined.find(({ warehouse }) => warehouse.short === name || warehouse.name === name);
  if (found) return found;
  const names = examined.map(({ warehouse }) => warehouse.short).join(', ');
  throw new RsdsError('target/unknown', `there is no warehouse ${name} in this environment`, {
    hint: `use one of: ${names}`,
  });
}

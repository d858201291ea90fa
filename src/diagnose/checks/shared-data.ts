import type { LedgerRecord } from '../../ledger/ledger.ts';
import type { Warehouse } from '../../model/desired.ts';
import { everyRole, type WarehouseCheck } from '../check.ts';
import type { Finding, Say } from '../finding.ts';
import type { Observations } from '../observations.ts';
import { ifRead } from '../reading.ts';
import { mend, namespaceOf, rsds, workgroupOf } from '../selectors.ts';

/**
 * What only SQL could show is taken from the record: looking would wake the warehouse and bill a minute of its base. The
 * record holds for the namespace it was made for.
 */
export const sharedData: WarehouseCheck = {
  name: 'shared-data',
  question: 'Has what SQL makes (datashare, database, login) been made, as far as it is recorded?',
  roles: everyRole,
  findings(seen, say, { warehouse, wanted }) {
    const namespace = ifRead(namespaceOf(seen, warehouse));
    if (!ifRead(workgroupOf(seen, warehouse)) || !namespace || !wanted) return [];
    const made = partsOf(warehouse).map((id) => ({ id, record: seen.ledger.resources[id] }));
    const failed = [...before(seen, warehouse), ...made].find(({ record }) => record?.state === 'failed');
    if (failed?.record) return [failure(seen, say, failed.id, failed.record)];
    if (isOfAnother(seen, warehouse, namespace.id)) {
      return [
        say.fail('its namespace is another than the one that was set up', {
          cause: 'it was made anew by somebody else: what SQL made is gone with the old one',
          remedy: mend(seen),
        }),
      ];
    }
    const unknown = made.filter(({ id, record }) => record?.state !== 'settled' && !isKept(seen, id));
    if (unknown.length === 0) return [say.pass('ready, as the last run recorded it (no SQL was run to look)')];
    const ids = unknown.map(({ id }) => id).join(', ');
    if (!isTold(seen)) {
      return [
        say.unchecked({ why: `nothing is recorded of ${ids}; only SQL could tell`, remedy: rsds(seen, 'up --sql') }),
      ];
    }
    return [
      say.fail(`not made yet: ${ids}`, { cause: obstacle(seen) ?? 'no run has come so far', remedy: mend(seen) }),
    ];
  },
};

/** A ledger that is not new knows what was run through it, the lock's record what was run elsewhere. */
const isTold = ({ ledger, environmentLock }: Observations) =>
  ledger.serial > 0 && ifRead(environmentLock) !== undefined;

const partsOf = ({ role, short }: Warehouse) =>
  role === 'producer' ? ['producer/datashare'] : [`${short}/database`, `${short}/reader`, `${short}/check`];

/** What makes the producer's part possible, and is no part of it. */
const before = ({ ledger }: Observations, { role }: Warehouse) =>
  role === 'producer' ? [{ id: initialSql, record: ledger.resources[initialSql] }] : [];

const initialSql = 'producer/init-sql';

/** What all warehouses wait for, where the last run failed at it. */
function obstacle({ ledger }: Observations): string | undefined {
  const failed = [initialSql, 'producer/datashare'].find((id) => ledger.resources[id]?.state === 'failed');
  return failed && `it comes after ${failed}, at which the last run failed`;
}

/** Kept with the lock, for a checkout whose ledger is new. */
function isKept({ environmentLock }: Observations, id: string): boolean {
  return ifRead(environmentLock)?.data[id] !== undefined;
}

function isOfAnother({ ledger }: Observations, { short }: Warehouse, id: string): boolean {
  const recorded = ledger.resources[`${short}/namespace`]?.data.namespaceId;
  return typeof recorded === 'string' && recorded !== id;
}

function failure(seen: Observations, say: Say, id: string, { error }: LedgerRecord): Finding {
  return say.fail(`${id} could not be made`, {
    cause: error ? `the last run failed at it: ${error.message}` : 'the last run failed at it',
    remedy: mend(seen),
  });
}

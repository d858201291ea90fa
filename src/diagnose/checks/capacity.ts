import type { Warehouse } from '../../model/desired.ts';
import { everyRole, type WarehouseCheck } from '../check.ts';
import type { WorkgroupView } from '../observations.ts';
import { mend, workgroupOf } from '../selectors.ts';

export const capacity: WarehouseCheck = {
  name: 'capacity',
  question: 'Has the workgroup the RPUs that are configured, or does a price-performance target rule them?',
  roles: everyRole,
  findings(seen, say, { warehouse, wanted }) {
    const reading = workgroupOf(seen, warehouse);
    // The workgroup's own check says what is missing or was not read.
    if ('unread' in reading || !reading.value || !wanted) return [];
    const { value } = reading;
    // F-666: −1 is no drift.
    if (value.targeted || value.baseCapacity === -1) {
      return [
        say.warn('a price-performance target rules its capacity', {
          cause: `AWS chooses the RPUs; baseCapacity ${warehouse.baseCapacity} of the configuration does not count`,
          remedy: mend(seen),
        }),
      ];
    }
    if (isAsWanted(value, warehouse)) return [say.pass(`${sizeOf(value)} RPUs`)];
    return [
      say.warn(`it has ${sizeOf(value)} RPUs; ${sizeOf(warehouse)} are configured`, {
        cause: 'it was changed by somebody else, or the configuration was and has not been carried out',
        remedy: mend(seen),
      }),
    ];
  },
};

interface Size {
  readonly baseCapacity: number | undefined;
  readonly maxCapacity: number | undefined;
}

/** Some answers have −1 where there is no maximum. */
const maxOf = ({ maxCapacity }: Size) => (maxCapacity === undefined || maxCapacity < 0 ? undefined : maxCapacity);

const isAsWanted = (seen: WorkgroupView, wanted: Warehouse) =>
  seen.baseCapacity === wanted.baseCapacity && maxOf(seen) === maxOf(wanted);

function sizeOf(size: Size): string {
  const max = maxOf(size);
  return max === undefined ? `${size.baseCapacity} and more` : `${size.baseCapacity}-${max}`;
}

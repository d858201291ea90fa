/** Time to live, and backups to a point in time. Expired items stay readable: AWS takes days to remove them. F-566 */
import { ApiError } from '../../service.ts';
import type { Place } from '../../world.ts';
import { seconds } from './description.ts';
import type { Json } from './engine.ts';
import { inUse, invalid, namedTable, structureOf, textOf, violated } from './input.ts';
import type { TableOperation } from './operation.ts';
import { statusOf, type TableRecord } from './state.ts';

function activeTable(input: Json, place: Place): TableRecord {
  const table = namedTable(input, place);
  const status = statusOf(table, place.now);
  if (status !== 'ACTIVE') throw inUse(`Table ${table.name} is ${status}: this needs it to be ACTIVE`);
  return table;
}

const updateTimeToLive: TableOperation = async (input, { place }) => {
  const table = activeTable(input, place);
  const wish = structureOf(input, 'TimeToLiveSpecification');
  if (!wish) throw violated('null', 'TimeToLiveSpecification', 'Member must not be null');
  const attribute = textOf(wish, 'AttributeName');
  const enabled = wish.Enabled === true;
  refuseChange(table, { attribute, enabled }, place.now);
  const settledAt = place.now + place.world.draw('time-to-live.change');
  table.timeToLive = { attribute, enabled, settledAt };
  return { TimeToLiveSpecification: { AttributeName: attribute, Enabled: enabled } };
};

function refuseChange(table: TableRecord, wish: { attribute: string; enabled: boolean }, now: number): void {
  const current = table.timeToLive;
  if (current && now < current.settledAt) {
    throw invalid('Time to live has been modified multiple times within a fixed interval');
  }
  const isOn = current?.enabled ?? false;
  if (wish.enabled && isOn) throw invalid('TimeToLive is already enabled');
  if (!wish.enabled && !isOn) throw invalid('TimeToLive is already disabled');
  if (!wish.enabled && current?.attribute !== wish.attribute) {
    throw invalid(`TimeToLive is active on a different AttributeName: current AttributeName is ${current?.attribute}`);
  }
}

const describeTimeToLive: TableOperation = async (input, { place }) => {
  const { timeToLive } = namedTable(input, place);
  if (!timeToLive) return { TimeToLiveDescription: { TimeToLiveStatus: 'DISABLED' } };
  const { attribute, enabled, settledAt } = timeToLive;
  const changing = place.now < settledAt;
  if (!enabled && !changing) return { TimeToLiveDescription: { TimeToLiveStatus: 'DISABLED' } };
  const status = enabled ? (changing ? 'ENABLING' : 'ENABLED') : 'DISABLING';
  return { TimeToLiveDescription: { TimeToLiveStatus: status, AttributeName: attribute } };
};

const updateContinuousBackups: TableOperation = async (input, { place }) => {
  const table = activeTable(input, place);
  const wish = structureOf(input, 'PointInTimeRecoverySpecification');
  if (!wish) throw violated('null', 'PointInTimeRecoverySpecification', 'Member must not be null');
  if (place.now < table.backupsAt) {
    throw new ApiError(
      'ContinuousBackupsUnavailableException',
      `Backups are being enabled for the table: ${table.name}. Please retry later`,
    );
  }
  table.pointInTime = wish.PointInTimeRecoveryEnabled === true ? recovery(wish, table, place) : undefined;
  return { ContinuousBackupsDescription: backups(table, place) };
};

const recoveryDays = { least: 1, most: 35 };

function recovery(wish: Json, table: TableRecord, place: Place): TableRecord['pointInTime'] {
  const days = wish.RecoveryPeriodInDays ?? recoveryDays.most;
  if (typeof days !== 'number' || days < recoveryDays.least || days > recoveryDays.most) {
    throw violated(`'${String(days)}'`, 'RecoveryPeriodInDays', 'Member must have value between 1 and 35');
  }
  return { since: table.pointInTime?.since ?? place.now, days };
}

const describeContinuousBackups: TableOperation = async (input, { place }) => ({
  ContinuousBackupsDescription: backups(namedTable(input, place), place),
});

/** The latest moment that can be restored lies five minutes back. */
const restoreLagMs = 300_000;

function backups({ pointInTime }: TableRecord, place: Place): Json {
  const description = pointInTime
    ? {
        PointInTimeRecoveryStatus: 'ENABLED',
        RecoveryPeriodInDays: pointInTime.days,
        EarliestRestorableDateTime: seconds(pointInTime.since),
        LatestRestorableDateTime: seconds(Math.max(pointInTime.since, place.now - restoreLagMs)),
      }
    : { PointInTimeRecoveryStatus: 'DISABLED' };
  return { ContinuousBackupsStatus: 'ENABLED', PointInTimeRecoveryDescription: description };
}

export const settingOperations = {
  UpdateTimeToLive: updateTimeToLive,
  DescribeTimeToLive: describeTimeToLive,
  UpdateContinuousBackups: updateContinuousBackups,
  DescribeContinuousBackups: describeContinuousBackups,
};

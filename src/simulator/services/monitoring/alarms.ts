/** Alarms on one metric. Their state is worked out when somebody looks; actions are not carried out. */
import type * as CloudWatch from '@aws-sdk/client-cloudwatch';
import type { Checked } from '../../checked.ts';
import { ApiError, type Operation } from '../../service.ts';
import type { Place, Slot } from '../../world.ts';
import type { TaggedResource } from '../tagging/registry.ts';
import { isStatistic, statisticOf, summarise } from './metrics.ts';
import { dimensionsOf, invalidCombination, invalidValue, missingParameter, page, periodMs } from './shared.ts';

type Input = Checked<CloudWatch.PutMetricAlarmInput>;

type Definition = Pick<
  Input,
  | 'AlarmName'
  | 'AlarmDescription'
  | 'ActionsEnabled'
  | 'OKActions'
  | 'AlarmActions'
  | 'InsufficientDataActions'
  | 'MetricName'
  | 'Namespace'
  | 'Statistic'
  | 'Dimensions'
  | 'Period'
  | 'Unit'
  | 'EvaluationPeriods'
  | 'DatapointsToAlarm'
  | 'Threshold'
  | 'ComparisonOperator'
  | 'TreatMissingData'
>;

interface Alarm {
  readonly arn: string;
  /** What PutMetricAlarm was given; it holds no dates or bytes, so it is plain JSON. */
  definition: Definition;
  tags: { key: string; value: string }[];
  configuredAt: number;
}

interface AlarmsState {
  alarms: Record<string, Alarm>;
}

const alarmsSlot: Slot<AlarmsState> = { name: 'monitoring/alarms', scope: 'region', initial: () => ({ alarms: {} }) };

const alarmsOf = (place: Place) => place.world.state(alarmsSlot, place.region).alarms;

// An upsert: what an alarm of that name was before is replaced, its tags aside. F-584
const putMetricAlarm: Operation<Input, void> = (input, call) => {
  const { Metrics: metrics, EvaluationWindow: _window, Tags: tags = [], ...definition } = input;
  // Gap: alarms on metric maths are not simulated.
  if (metrics !== undefined) throw invalidCombination('Alarms on Metrics are not simulated.');
  checkDefinition(definition);
  const alarms = alarmsOf(call);
  const existing = alarms[input.AlarmName];
  alarms[input.AlarmName] = {
    arn: `arn:aws:cloudwatch:${call.region}:${call.account}:alarm:${input.AlarmName}`,
    definition,
    tags: existing?.tags ?? tags.map(({ Key, Value }) => ({ key: Key, value: Value })),
    configuredAt: call.now,
  };
};

function checkDefinition(definition: Definition): void {
  const { EvaluationPeriods: periods, MetricName, Namespace, Period, Statistic } = definition;
  if (MetricName === undefined || Namespace === undefined || Period === undefined || Statistic === undefined) {
    throw missingParameter('MetricName, Namespace, Period and Statistic must be specified.');
  }
  periodMs(Period);
  if ((definition.DatapointsToAlarm ?? 1) > (periods ?? 1)) {
    throw invalidValue('DatapointsToAlarm must not be greater than EvaluationPeriods.');
  }
}

const describeAlarms: Operation<Checked<CloudWatch.DescribeAlarmsInput>, CloudWatch.DescribeAlarmsOutput> = (
  input,
  call,
) => {
  const { AlarmNamePrefix: prefix, AlarmNames: names } = input;
  if (prefix !== undefined && names !== undefined) {
    throw invalidCombination('AlarmNames and AlarmNamePrefix cannot both be specified.');
  }
  const found = Object.values(alarmsOf(call))
    .filter(({ definition }) => names === undefined || names.includes(definition.AlarmName))
    .filter(({ definition }) => prefix === undefined || definition.AlarmName.startsWith(prefix))
    .map((alarm) => wireAlarm(alarm, call))
    .filter((alarm) => input.StateValue === undefined || alarm.StateValue === input.StateValue);
  const { items, nextToken } = page(call, found, input.NextToken, input.MaxRecords);
  return { MetricAlarms: items, CompositeAlarms: [], NextToken: nextToken };
};

function wireAlarm(alarm: Alarm, place: Place): CloudWatch.MetricAlarm {
  const updated = new Date(alarm.configuredAt);
  return {
    ActionsEnabled: true,
    OKActions: [],
    AlarmActions: [],
    InsufficientDataActions: [],
    Dimensions: [],
    ...alarm.definition,
    AlarmArn: alarm.arn,
    AlarmConfigurationUpdatedTimestamp: updated,
    StateUpdatedTimestamp: updated,
    StateValue: stateOf(alarm.definition, place),
    StateReason: 'Worked out from the latest periods',
  };
}

/** OK, ALARM or INSUFFICIENT_DATA from the latest whole periods. F-585 */
function stateOf(definition: Definition, place: Place): 'OK' | 'ALARM' | 'INSUFFICIENT_DATA' {
  const count = definition.EvaluationPeriods ?? 1;
  const values = latestValues(definition, count, place);
  const missing = count - values.length;
  const treatment = definition.TreatMissingData ?? 'missing';
  if (values.length === 0 && (treatment === 'missing' || treatment === 'ignore')) return 'INSUFFICIENT_DATA';
  const breaching = values.filter((value) => breaches(value, definition)).length;
  const needed = definition.DatapointsToAlarm ?? (treatment === 'missing' ? values.length : count);
  return breaching + (treatment === 'breaching' ? missing : 0) >= needed ? 'ALARM' : 'OK';
}

function latestValues(definition: Definition, count: number, place: Place): number[] {
  const { MetricName: name = '', Namespace: namespace = '', Statistic: statistic = '' } = definition;
  if (!isStatistic(statistic)) return [];
  const step = periodMs(definition.Period);
  const to = Math.floor(place.now / step) * step;
  const metric = { namespace, name, dimensions: dimensionsOf(definition.Dimensions), unit: definition.Unit };
  const window = { from: to - count * step, to, periodMs: step };
  return summarise(place, metric, window).map((period) => statisticOf(period, statistic));
}

function breaches(value: number, { ComparisonOperator: operator, Threshold: threshold = 0 }: Definition): boolean {
  if (operator === 'GreaterThanThreshold') return value > threshold;
  if (operator === 'GreaterThanOrEqualToThreshold') return value >= threshold;
  if (operator === 'LessThanThreshold') return value < threshold;
  return value <= threshold;
}

// Names that aren't there are passed over. F-584
const deleteAlarms: Operation<Checked<CloudWatch.DeleteAlarmsInput>, void> = (input, call) => {
  const alarms = alarmsOf(call);
  for (const name of input.AlarmNames) delete alarms[name];
};

function alarmByArn(arn: string, place: Place): Alarm {
  const alarm = Object.values(alarmsOf(place)).find((one) => one.arn === arn);
  if (!alarm) throw new ApiError('ResourceNotFoundException', `Resource ${arn} does not exist`);
  return alarm;
}

const listTagsForResource: Operation<
  Checked<CloudWatch.ListTagsForResourceInput>,
  CloudWatch.ListTagsForResourceOutput
> = (input, call) => ({
  Tags: alarmByArn(input.ResourceARN, call).tags.map(({ key, value }) => ({ Key: key, Value: value })),
});

const tagResource: Operation<Checked<CloudWatch.TagResourceInput>, CloudWatch.TagResourceOutput> = (input, call) => {
  const alarm = alarmByArn(input.ResourceARN, call);
  const added = input.Tags.map(({ Key, Value }) => ({ key: Key, value: Value }));
  alarm.tags = [...alarm.tags.filter((tag) => !added.some((one) => one.key === tag.key)), ...added];
  return {};
};

const untagResource: Operation<Checked<CloudWatch.UntagResourceInput>, CloudWatch.UntagResourceOutput> = (
  input,
  call,
) => {
  const alarm = alarmByArn(input.ResourceARN, call);
  alarm.tags = alarm.tags.filter((tag) => !input.TagKeys.includes(tag.key));
  return {};
};

/** The region's alarms with their tags, for those who look across services. */
export const taggedResources = (place: Place): TaggedResource[] =>
  Object.values(alarmsOf(place)).map(({ arn, configuredAt, tags }) => ({ arn, tags, since: configuredAt }));

export const alarmOperations = {
  PutMetricAlarm: putMetricAlarm,
  DescribeAlarms: describeAlarms,
  DeleteAlarms: deleteAlarms,
  ListTagsForResource: listTagsForResource,
  TagResource: tagResource,
  UntagResource: untagResource,
};

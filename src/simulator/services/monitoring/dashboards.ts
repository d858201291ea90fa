/** Dashboards: named JSON documents, the same from every region. F-586 */
import type * as CloudWatch from '@aws-sdk/client-cloudwatch';
import type { Checked } from '../../checked.ts';
import { ApiError, type Operation } from '../../service.ts';
import type { Place, Slot } from '../../world.ts';
import { page } from './shared.ts';

interface Dashboard {
  readonly body: string;
  readonly modifiedAt: number;
}

interface DashboardsState {
  dashboards: Record<string, Dashboard>;
}

const slot: Slot<DashboardsState> = {
  name: 'monitoring/dashboards',
  scope: 'global',
  initial: () => ({ dashboards: {} }),
};

const dashboardsOf = (place: Place) => place.world.state(slot, place.region).dashboards;

const arnOf = (name: string, place: Place) => `arn:aws:cloudwatch::${place.account}:dashboard/${name}`;

const invalidInput = (message: string) => new ApiError('DashboardInvalidInputError', message);

const putDashboard: Operation<Checked<CloudWatch.PutDashboardInput>, CloudWatch.PutDashboardOutput> = (input, call) => {
  if (!/^[\w-]{1,255}$/.test(input.DashboardName)) {
    throw invalidInput(`Invalid dashboard name ${input.DashboardName}: only A-Z, a-z, 0-9, - and _ are allowed`);
  }
  checkBody(input.DashboardBody);
  dashboardsOf(call)[input.DashboardName] = { body: input.DashboardBody, modifiedAt: call.now };
  return { DashboardValidationMessages: [] };
};

function checkBody(body: string): void {
  try {
    const { widgets } = JSON.parse(body) as { widgets?: unknown };
    if (Array.isArray(widgets)) return;
  } catch {
    throw invalidInput('The field DashboardBody must be a valid JSON object');
  }
  throw invalidInput('The dashboard body is invalid: should have required property "widgets"');
}

function missing(name: string): ApiError {
  return new ApiError('DashboardNotFoundError', `Dashboard ${name} does not exist`);
}

const getDashboard: Operation<Checked<CloudWatch.GetDashboardInput>, CloudWatch.GetDashboardOutput> = (input, call) => {
  const name = input.DashboardName;
  const dashboard = dashboardsOf(call)[name];
  if (!dashboard) throw missing(name);
  return { DashboardArn: arnOf(name, call), DashboardBody: dashboard.body, DashboardName: name };
};

// All or nothing: one name that isn't there, and none is deleted. F-586
const deleteDashboards: Operation<Checked<CloudWatch.DeleteDashboardsInput>, CloudWatch.DeleteDashboardsOutput> = (
  input,
  call,
) => {
  const dashboards = dashboardsOf(call);
  for (const name of input.DashboardNames) if (!dashboards[name]) throw missing(name);
  for (const name of input.DashboardNames) delete dashboards[name];
  return {};
};

const listDashboards: Operation<Checked<CloudWatch.ListDashboardsInput>, CloudWatch.ListDashboardsOutput> = (
  input,
  call,
) => {
  const prefix = input.DashboardNamePrefix ?? '';
  const found = Object.entries(dashboardsOf(call)).filter(([name]) => name.startsWith(prefix));
  const { items, nextToken } = page(call, found, input.NextToken);
  const entries = items.map(([name, { body, modifiedAt }]) => ({
    DashboardName: name,
    DashboardArn: arnOf(name, call),
    LastModified: new Date(modifiedAt),
    Size: Buffer.byteLength(body),
  }));
  return { DashboardEntries: entries, NextToken: nextToken };
};

export const dashboardOperations = {
  PutDashboard: putDashboard,
  GetDashboard: getDashboard,
  DeleteDashboards: deleteDashboards,
  ListDashboards: listDashboards,
};

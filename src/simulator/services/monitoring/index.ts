/** Amazon CloudWatch: metrics, alarms, dashboards. */
import type { Service } from '../../service.ts';
import { alarmOperations } from './alarms.ts';
import { dashboardOperations } from './dashboards.ts';
import { dataOperations } from './data.ts';

export { putMetric } from './metrics.ts';

export const service: Service = {
  name: 'monitoring',
  operations: { ...dataOperations, ...alarmOperations, ...dashboardOperations },
};

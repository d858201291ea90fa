/** A short run as the engine tells it: one consumer waits, one change is retried, one resource fails, a colleague holds the lane. */
import type { ResourceLabel, RunEvent } from '../../src/engine/events.ts';

const label = (id: ResourceLabel['id'], step: ResourceLabel['step'], kind: string): ResourceLabel => ({
  id,
  step,
  kind,
  title: `${kind} airline-dev-${id.split('/')[0]}`,
});

const vpc = label('vpc/vpc', 'vpc', 'vpc');
const namespace = label('consumer-1/namespace', 'consumers', 'namespace');
const workgroup = label('consumer-1/workgroup', 'consumers', 'workgroup');
const second = label('consumer-2/workgroup', 'consumers', 'workgroup');
const endpoint = label('consumer-1/endpoint', 'endpoints', 'endpoint');

export const startedAt = Date.UTC(2026, 0, 5, 9, 0, 0);
const at = (seconds: number) => ({ at: startedAt + seconds * 1000 });
const ana = { id: 'a1', user: 'ana', host: 'build-7', pid: 42, operation: 'up', workgroup: 'sales-prod-producer' };

export const upEvents: readonly RunEvent[] = [
  {
    ...at(0),
    event: 'run-started',
    command: 'up',
    resources: [vpc, namespace, workgroup, second, endpoint].map((resource) => ({
      ...resource,
      goal: 'present',
      changes: 1,
    })),
  },
  { ...at(1), event: 'lock-acquired', key: 'env#airline#dev', fence: 7 },
  { ...at(1), event: 'resource-started', resource: vpc, goal: 'present' },
  { ...at(1), event: 'change-started', resource: vpc, action: 'create', title: 'create VPC 10.0.0.0/16' },
  { ...at(2), event: 'change-applied', resource: vpc, action: 'create', title: 'create VPC 10.0.0.0/16', ms: 800 },
  { ...at(4), event: 'resource-settled', resource: vpc, goal: 'present', status: 'available', ms: 3000, changed: true },
  { ...at(4), event: 'resource-started', resource: namespace, goal: 'present' },
  {
    ...at(5),
    event: 'resource-settled',
    resource: namespace,
    goal: 'present',
    status: 'AVAILABLE',
    ms: 900,
    changed: false,
  },
  {
    ...at(6),
    event: 'lock-waiting',
    key: 'workgroups#123456789012#us-east-1',
    holder: { ...ana, since: startedAt - 60_000 },
    waitedMs: 1000,
    why: 'one workgroup at a time is created in an account and region',
  },
  { ...at(66), event: 'lock-acquired', key: 'workgroups#123456789012#us-east-1', fence: 31 },
  { ...at(66), event: 'resource-started', resource: workgroup, goal: 'present' },
  { ...at(66), event: 'change-started', resource: workgroup, action: 'create', title: 'create workgroup with 32 RPUs' },
  {
    ...at(67),
    event: 'retry',
    resource: workgroup,
    attempt: 2,
    inMs: 2000,
    kind: 'throttled',
    message: 'Rate exceeded',
  },
  {
    ...at(70),
    event: 'change-applied',
    resource: workgroup,
    action: 'create',
    title: 'create workgroup with 32 RPUs',
    ms: 4000,
  },
  waiting(70, 'CREATING', 0, true),
  waiting(75, 'CREATING', 5, false),
  waiting(104, 'CREATING', 34, false),
  waiting(200, 'MODIFYING', 0, true, 'AWS attaches the network interfaces'),
  {
    ...at(205),
    event: 'note',
    resource: workgroup,
    text: 'its price-performance target was switched off',
    level: 'warning',
  },
  {
    ...at(320),
    event: 'resource-settled',
    resource: workgroup,
    goal: 'present',
    status: 'AVAILABLE',
    ms: 254_000,
    changed: true,
  },
  { ...at(320), event: 'resource-started', resource: second, goal: 'present' },
  { ...at(321), event: 'change-started', resource: second, action: 'create', title: 'create workgroup with 32 RPUs' },
  {
    ...at(322),
    event: 'resource-failed',
    resource: second,
    code: 'aws/quota',
    message: 'workgroups: quota 25, in use 25',
    hint: 'ask AWS to raise the quota',
  },
  { ...at(322), event: 'stopping', reason: 'consumer-2/workgroup failed' },
  { ...at(323), event: 'lock-released', key: 'env#airline#dev' },
  {
    ...at(323),
    event: 'run-ended',
    outcome: 'failed',
    ms: 323_000,
    changed: 2,
    failed: ['consumer-2/workgroup'],
    steps: [{ step: 'vpc', ms: 3000, changed: 1 }],
  },
];

function waiting(seconds: number, status: string, since: number, transition: boolean, why?: string): RunEvent {
  const base = {
    ...at(seconds),
    event: 'resource-waiting',
    resource: workgroup,
    status,
    sinceMs: since * 1000,
  } as const;
  return {
    ...base,
    usualMs: transition && since === 0 && status === 'MODIFYING' ? undefined : 250_000,
    why,
    transition,
  };
}

/** What a run ends with: what stands, how to connect, how long each part took. */
import type { RunResult } from '../../engine/run.ts';
import { psql } from '../../model/connection/libpq.ts';
import { statusText } from '../../report/status.ts';
import { formatDuration } from '../../shared/clock.ts';
import { suffixOf } from '../diagnose/suffix.ts';
import type { CarriedOut } from './carry-out.ts';
import type { Session } from './session.ts';
import { statusView } from './status-view.ts';
import type { Build } from './undertakings.ts';

export function summarise(session: Session, build: Build, { plan, run }: CarriedOut): void {
  const { context, desired } = session;
  const { out } = context;
  const environment = build.environment();
  if (!environment) return;
  const status = statusView(session, environment, plan);
  if (!run) out.text('nothing to do: everything is as described');
  out.text(statusText(status, out.paint));
  out.text(connection(session, status.loadBalancer));
  if (context.flags.sim) out.text('simulated: the address exists in the simulator only, and times are those of AWS');
  if (run) out.text(`\n${times(run)}`);
  const { database, reader, secret } = {
    database: desired.config.datashare.consumerDatabase,
    reader: desired.config.datashare.reader,
    secret: desired.names.readerSecret,
  };
  out.event({
    event: 'result',
    outcome: run?.outcome ?? 'nothing-to-do',
    changed: run?.changed ?? 0,
    ...timesOf(run),
    status,
    connect: { database, user: reader, secret },
  });
}

/** Where clients connect; the password stays where it is. `rsds connect` has the rest. */
function connection(
  { context, desired, config }: Session,
  { dnsName, port }: { dnsName: string | undefined; port: number },
): string {
  const { consumerDatabase: database, reader: user } = config.datashare;
  if (dnsName === undefined) return 'no load balancer yet';
  const name = desired.names.prefix;
  return [
    '',
    `connect:  ${psql({ host: dnsName, port, database, user, name, certificate: 'another' })}`,
    `password: secret ${desired.names.readerSecret} in Secrets Manager, key password`,
    `other clients: rsds connect${suffixOf(context, config.region).rsds}`,
  ].join('\n');
}

function times({ ms, steps, changed }: RunResult): string {
  const parts = steps.filter((step) => step.changed > 0).map(({ step, ms: took }) => `${step} ${formatDuration(took)}`);
  return `${changed} changes in ${formatDuration(ms)}${parts.length > 0 ? ` (${parts.join(', ')})` : ''}`;
}

const timesOf = (run: RunResult | undefined) => (run ? { ms: run.ms, steps: run.steps } : {});

/** `snapshots`: the final ones that were taken, oldest first. */
export function summariseDown(session: Session, { run }: CarriedOut, snapshots: readonly string[]): void {
  const { context, desired, ledger } = session;
  const { out } = context;
  const { prefix } = desired.names;
  if (!run) out.text(`nothing to do: ${prefix} is not there`);
  else out.text(`${prefix} is gone, verified; took ${formatDuration(run.ms)}`);
  const last = snapshots.at(-1);
  if (last !== undefined) out.text(`the final snapshot ${last}, and the key that it needs, are kept`);
  if (snapshots.length > 1)
    out.text(`older ones, taken by a down that did not end: ${snapshots.slice(0, -1).join(', ')}`);
  if (run && desired.config.producer.logs.length > 0) {
    out.text(`what it logged stays in CloudWatch Logs, under /aws/redshift/${desired.producer.name}/`);
  }
  out.event({
    event: 'result',
    outcome: run?.outcome ?? 'nothing-to-do',
    changed: run?.changed ?? 0,
    ...timesOf(run),
    lineage: ledger.document().lineage,
    finalSnapshots: snapshots,
  });
}

/** `connect --check`: one connection, made as `connect` says, told layer by layer. */
import { explain } from '../../diagnose/connections/explain.ts';
import { layerNames } from '../../diagnose/connections/judge.ts';
import { type Advice, readerFault } from '../../diagnose/connections/reader-fault.ts';
import { diagnose } from '../../diagnose/diagnose.ts';
import { type Finding, sayFor } from '../../diagnose/finding.ts';
import type { Observations } from '../../diagnose/observations.ts';
import { ifRead } from '../../diagnose/reading.ts';
import { rsds, wantedConsumers } from '../../diagnose/selectors.ts';
import type { Warehouse } from '../../model/desired.ts';
import type { Attempt, Layer, ProbeError, ProbeTarget } from '../../probe/plan.ts';
import { table } from '../../report/bars.ts';
import { diagnosisText } from '../../report/diagnosis.ts';
import { documentsOf, exitOf, lookAt } from '../diagnose/look.ts';
import type { Place } from '../environment/place.ts';
import type { Account } from '../environment/session.ts';
import { priceOf } from '../test/bench.ts';
import { layerMs, wakeMsOn } from '../test/connections.ts';
import { thisMachine } from '../test/vantage.ts';

/** Asks first: whoever answers wakes. Answers the exit code. */
export async function checkConnection(here: Account, place: Place): Promise<number> {
  const { context, config } = here;
  const seen = await lookAt(here, { watch: false });
  const [one] = warehousesOf(seen, place);
  const price = priceOf(config.region, one ? [one] : [], 60);
  await context.prompter.confirm(`Connect to ${nameOf(place)} once? It ${price}`);
  const { host, port, login } = place;
  const { database, user, secret } = login;
  const target: ProbeTarget = { host, port, database, user, secret, certified: !place.pool };
  const { attempt, from } = await attemptAt(here, target);
  const { failed } = attempt;
  const finding = failed
    ? faultOf({ seen, place, attempt, from }, failed)
    : sayFor('connections', place.title).pass(`answered as ${user} on ${database}: ${whoAnswered(seen, attempt)}`);
  return show(here, place, { attempt, from, finding });
}

const nameOf = ({ title, pool }: Place) => (pool ? `the ${title}` : title);

async function attemptAt(here: Account, target: ProbeTarget): Promise<{ attempt: Attempt; from: string }> {
  const vantage = await thisMachine(here).open();
  try {
    const limits = { timeoutMs: layerMs, wakeMs: wakeMsOn({ here }) };
    const { attempts } = await vantage.connections(
      { kind: 'connections', target, connections: 1, parallel: 1, tableSql: undefined, ...limits },
      here.context.signal,
    );
    return { attempt: attempts[0] ?? { ms: {} }, from: vantage.name };
  } finally {
    await vantage.close();
  }
}

/** Who may answer: everybody in the pool, or the one. */
const warehousesOf = (seen: Observations, { pool, title }: Place): Warehouse[] =>
  pool
    ? wantedConsumers(seen).map(({ warehouse }) => warehouse)
    : seen.examined.map(({ warehouse }) => warehouse).filter(({ short }) => short === title);

function whoAnswered(seen: Observations, { namespaceId }: Attempt): string {
  const found = ifRead(seen.namespaces)?.find(({ id }) => id === namespaceId)?.name;
  return seen.examined.find(({ warehouse }) => warehouse.name === found)?.warehouse.short ?? `namespace ${namespaceId}`;
}

interface Failed {
  readonly seen: Observations;
  readonly place: Place;
  readonly attempt: Attempt;
  readonly from: string;
}

function faultOf({ place, seen, attempt, from }: Failed, { layer, error }: NonNullable<Attempt['failed']>): Finding {
  const control = diagnose(seen);
  const say = sayFor('connections', place.title);
  const what = `it ended at ${layerNames[layer]}: ${error.code}, ${error.message}`;
  if (!place.pool) return say.fail(what, whyNotThere(seen, control, place, { layer, error }));
  if (layer === 'login') return say.fail(what, whyRefused(seen, control, error));
  const evidence = { seen, control, attempts: [attempt], vantage: from, readers: new Map() };
  return say.fail(what, explain(evidence, { layer, error, short: undefined, count: 1 }));
}

/** Which consumer it was, more connections tell. */
function whyRefused(seen: Observations, control: readonly Finding[], error: ProbeError): Advice {
  const { cause } = readerFault(seen, control, { short: '', error });
  return { cause: `on the consumer that got the connection: ${cause}`, remedy: rsds(seen, 'test connectivity') };
}

/** Of one warehouse at its own address. */
function whyNotThere(
  seen: Observations,
  control: readonly Finding[],
  { title, lets, port, login }: Place,
  { layer, error }: NonNullable<Attempt['failed']>,
): Advice {
  const fault = control.find(({ subject, verdict }) => subject === title && verdict === 'fail');
  if (fault) return { cause: `${fault.what}: ${fault.cause}`, remedy: fault.remedy ?? rsds(seen, `diagnose ${title}`) };
  if (layer === 'tcp' && 'value' in lets && lets.value.length === 0) {
    return {
      cause: `the security groups let nobody in on ${port}: clients use the load balancer`,
      remedy: rsds(seen, 'connect --check'),
    };
  }
  if (layer === 'login' && login.managed) {
    return {
      cause: `the warehouse does not take ${login.user} with the password of its managed secret`,
      remedy: rsds(seen, `diagnose ${title}`),
    };
  }
  if (layer === 'login') return readerFault(seen, control, { short: title, error });
  return {
    cause: 'nothing is wrong that AWS shows: this place has no way into the VPC, or a network ACL is in it',
    remedy: rsds(seen, `diagnose ${title}`),
  };
}

function show(
  { context, config }: Account,
  place: Place,
  { attempt, from, finding }: { attempt: Attempt; from: string; finding: Finding },
): number {
  const { out } = context;
  const { ms, failed } = attempt;
  const passed = Object.entries(ms).map(([layer, each]) => ({ layer: layer as Layer, ms: each }));
  const lines = table([
    ...passed.map((one) => [one.layer, `${one.ms} ms`]),
    ...(failed ? [[failed.layer, failed.error.code]] : []),
  ]);
  const environment = `${config.project}-${config.environment}`;
  const counts = { pass: failed ? 0 : 1, fail: failed ? 1 : 0, warn: 0, notChecked: 0 };
  const view = { environment, region: config.region, findings: [finding], counts, titles: {} };
  const text = diagnosisText(view, { paint: out.paint, columns: out.columns, passes: true });
  out.text(`${lines.join('\n')}\n\n${text}`);
  const [document] = documentsOf([finding]);
  out.document({ environment, from, to: place.title, layers: passed, failed: failed ?? null, finding: document });
  return exitOf([finding]);
}

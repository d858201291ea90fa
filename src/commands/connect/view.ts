/** What `connect` has to say of a place, before it is text or JSON. */
import type { Reading } from '../../diagnose/reading.ts';
import { advice } from '../../model/connection/advice.ts';
import { clients } from '../../model/connection/clients.ts';
import { type ClientName, clientNames } from '../../model/connection/names.ts';
import { type ConnectionTarget, keepalive, poolLifetimeSeconds } from '../../model/connection/target.ts';
import { shellWord } from '../../shared/shell.ts';
import { inWords } from '../../steps/changes.ts';
import type { CommandContext } from '../context.ts';
import { suffixOf } from '../diagnose/suffix.ts';
import type { Place } from '../environment/place.ts';

export interface ConnectionView {
  readonly place: Place;
  readonly target: ConnectionTarget;
  readonly clients: Readonly<Record<ClientName, { readonly text: string; readonly notes: readonly string[] }>>;
  /** Puts the password into PGPASSWORD, which all of the clients' texts read. */
  readonly passwordCommand: string;
  readonly remarks: readonly string[];
  /** The command for one client. */
  readonly again: string;
}

export function viewOf(
  context: CommandContext,
  {
    place,
    target,
    consumer,
    region,
  }: { place: Place; target: ConnectionTarget; consumer: string | undefined; region: string },
): ConnectionView {
  const suffix = suffixOf(context, region);
  const { secret } = place.login;
  const fetch = `aws secretsmanager get-secret-value --secret-id ${shellWord(secret)} --query SecretString --output text${suffix.aws}`;
  return {
    place,
    target,
    clients: Object.fromEntries(
      clientNames.map((name) => [
        name,
        { text: clients[name].text(target), notes: notesFor(name, { place, target, suffix: suffix.rsds }) },
      ]),
    ) as ConnectionView['clients'],
    // An assignment of its own: no shell splits it, and the `!` in the names of AWS's secrets stays in single quotes.
    passwordCommand: `PGPASSWORD=$(${fetch} | jq -r .password); export PGPASSWORD`,
    remarks: remarksFor(context, place, target),
    again: `rsds connect${consumer === undefined ? '' : ` --consumer ${shellWord(consumer)}`}${suffix.rsds}`,
  };
}

function notesFor(
  name: ClientName,
  { place: { login }, target, suffix }: { place: Place; target: ConnectionTarget; suffix: string },
): readonly string[] {
  const { notes, speaksSha256 } = clients[name];
  return [
    ...notes(target),
    ...(login.managed && !speaksSha256 ? [unknownHash] : []),
    ...(name === 'dbt' && !login.managed ? [readsOnly(suffix)] : []),
  ];
}

/** F-606. Of the reader's password the form is known: rsds gives it to Redshift as md5. */
const unknownHash =
  "where AWS keeps the admin's password as sha256, this client is asked for authentication type 13, which it does not speak";

const readsOnly = (suffix: string) =>
  `this login only reads; models are built on the producer: rsds connect --for dbt --consumer producer${suffix}`;

function remarksFor({ flags }: CommandContext, place: Place, target: ConnectionTarget): string[] {
  return [
    ...(place.ready ? [] : [`${place.title}: ${place.state}, so it may not answer yet`]),
    reachable(place),
    ...(place.own
      ? [`its own database ${place.own.database} is for ${place.own.user}: secret ${place.own.secret}`]
      : []),
    ...advice(target, place),
    ...(flags.sim && target.certificate !== 'simulator' ? [simulatedAddress] : []),
  ];
}

/** Where nothing of the simulated VPC listens on this machine. */
export const simulatedAddress = 'simulated: the address exists in the simulator only';

function reachable({ lets, port, pool }: Place): string {
  if ('unread' in lets) return `reachable inside the VPC; security groups not checked (${lets.unread.why})`;
  if (lets.value.length > 0)
    return `reachable inside the VPC, where the security groups let ${inWords(lets.value)} in on ${port}`;
  return `the security groups let nobody in on ${port}${pool ? '' : ': clients use the load balancer'}`;
}

/** What `--json` prints. */
export function documentOf(view: ConnectionView, only: ClientName | undefined, password: string | undefined): object {
  const { place, target, passwordCommand, remarks } = view;
  const { database, user, secret } = place.login;
  const local = target.certificate === 'simulator' ? { host: target.host, port: target.port } : null;
  return {
    environment: target.name,
    to: place.title,
    address: { host: place.host, port: place.port },
    local,
    state: place.state,
    letsIn: orUnchecked(place.lets),
    database,
    user,
    secret: { id: secret, key: 'password', command: passwordCommand },
    own: place.own ? { database: place.own.database, user: place.own.user, secret: place.own.secret } : null,
    ...(password === undefined ? {} : { password }),
    verifyFull: target.certificate === 'host',
    keepaliveSeconds: keepalive.idleSeconds,
    poolLifetimeSeconds,
    validationQuery: false,
    remarks,
    clients: only === undefined ? view.clients : { [only]: view.clients[only] },
  };
}

const orUnchecked = (lets: Reading<readonly string[]>) => ('value' in lets ? lets.value : 'not checked');

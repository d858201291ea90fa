/** The handler of `connect`: looks where the address is, and says it in each client's words. */
import { type ClientName, clientNames } from '../../model/connection/names.ts';
import type { ConnectionTarget } from '../../model/connection/target.ts';
import { connectionText } from '../../report/connection.ts';
import type { CommandContext } from '../context.ts';
import { findPlace, localAddress, type Place, readPassword } from '../environment/place.ts';
import { type Account, openAccount } from '../environment/session.ts';
import { type ConnectionView, documentOf, viewOf } from './view.ts';

export interface ConnectOptions {
  readonly for: ClientName | undefined;
  readonly consumer: string | undefined;
  readonly check: boolean;
  readonly showPassword: boolean;
}

export async function runConnect(context: CommandContext, options: ConnectOptions): Promise<number> {
  const here = await openAccount(context);
  const place = await findPlace(here, options.consumer);
  if (options.check) return (await import('./check.ts')).checkConnection(here, place);
  const target = await targetOf(here, place);
  const view = viewOf(context, { place, target, consumer: options.consumer, region: here.config.region });
  const password = options.showPassword ? await readPassword(here, place.login) : undefined;
  if (options.for === undefined) context.out.text(overview(view, password));
  else paste(context, view, { client: options.for, password });
  context.out.document(documentOf(view, options.for, password));
  return 0;
}

/** On this machine, where a simulated VPC is served on it. */
async function targetOf({ context, config }: Account, place: Place): Promise<ConnectionTarget> {
  const { host, port, pool, login } = place;
  const { database, user } = login;
  const local = await localAddress(context, host, port);
  const common = { database, user, name: `${config.project}-${config.environment}` };
  if (local === undefined) return { ...common, host, port, certificate: pool ? 'another' : 'host' };
  return { ...common, ...local, certificate: 'simulator' };
}

function overview(
  { target, place, clients, passwordCommand, remarks, again }: ConnectionView,
  password?: string,
): string {
  const others = clientNames.filter((name) => name !== 'psql');
  return connectionText({
    address: `${target.host}:${target.port}`,
    ...place.login,
    password,
    passwordCommand,
    psql: clients.psql.text,
    remarks: [...remarks, ...clients.psql.notes.map((note) => `psql: ${note}`)],
    others: `${again} --for ${others[0]} (or ${others.slice(1).join(', ')})`,
  });
}

/** What is pasted stays alone on stdout, what is to be known beside it goes to stderr. */
function paste(
  { out, notices }: CommandContext,
  { clients, passwordCommand, remarks }: ConnectionView,
  { client, password }: { client: ClientName; password: string | undefined },
): void {
  out.text(clients[client].text);
  if (password !== undefined) out.text(`password: ${password}`);
  if (out.json) return;
  notices.line(`the password: ${passwordCommand}`);
  for (const remark of [...clients[client].notes, ...remarks]) notices.line(`- ${remark}`);
}

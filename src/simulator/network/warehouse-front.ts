/** A warehouse as its clients meet it: who may come in, and what session they get. */
import { createHash } from 'node:crypto';
import type { SecureContext } from 'node:tls';
import type { Clock } from '../../shared/clock.ts';
import { systemRandom } from '../../shared/random.ts';
import { outages } from '../outages.ts';
import type { DataPlane } from '../plane/index.ts';
import { SqlError } from '../plane/sql-error.ts';
import type { OpenedSession, Warehouse } from '../postgres/conversation.ts';
import type { Cancellation, Startup } from '../postgres/startup.ts';
import { administratorOf } from '../services/redshift-data/login.ts';
import { putDown, wakingMs } from '../services/redshift-data/warehouse-life.ts';
import { temporaryPasswords } from '../services/redshift-serverless/credentials.ts';
import { requiresTls } from '../services/redshift-serverless/doors.ts';
import { findWorkgroup, type WarehouseInfo } from '../services/redshift-serverless/lookup.ts';
import type { Place, World } from '../world.ts';
import { warehouseCertificate } from './certificate.ts';
import { ConnectionCounts } from './connection-counts.ts';

/** How many connections a workgroup takes at once (F-709). */
const connectionsMax = 2_000;

/** How long a client may keep the one Postgres with a transaction that does nothing, in real ms. */
const idleMs = 3_000;

export interface FrontOptions {
  readonly world: World;
  readonly plane: DataPlane;
  readonly clock: Clock;
  /** Told when a client has changed data for good. */
  onChange(): void;
}

/** All sessions of all warehouses, by the number that `pg_backend_pid()` and cancellation know them by. */
export class Fronts {
  readonly #options: FrontOptions;
  readonly #sessions = new Map<number, OpenedSession>();
  readonly #counts: ConnectionCounts;
  readonly #waking = new Map<string, Promise<void>>();
  #nextPid = 1_073_742_000;

  constructor(options: FrontOptions) {
    this.#options = options;
    this.#counts = new ConnectionCounts(options.world);
  }

  /** Tells CloudWatch how many connections there were. */
  report(): void {
    this.#counts.report();
  }

  /** The warehouse behind a workgroup. */
  of(region: string, workgroupName: string): Warehouse {
    const place = () => this.#options.world.place(region);
    const warehouse = () => mustStand(place(), workgroupName);
    return {
      admit: (startup) => admit(place(), workgroupName, startup),
      kept: (startup) => [
        ...this.#kept(place(), warehouse().namespaceId, startup.user.toLowerCase()),
        ...temporary(place(), workgroupName, startup),
      ],
      open: (startup, onLost) => this.#open(place, workgroupName, startup, onLost),
      cancel: (cancellation) => this.#cancel(cancellation),
      secureContext: (): Promise<SecureContext> => warehouseCertificate(this.#options.world.settings.account, region),
      random: (bytes) => Buffer.from(systemRandom.hex(bytes * 2), 'hex'),
      lag: () => this.#lag(place(), workgroupName),
    };
  }

  #kept(place: Place, namespaceId: string, user: string): string[] {
    const admin = administratorOf(place, namespaceId);
    const managed = admin?.username === user ? [md5(admin.password, user)] : [];
    const own = this.#options.plane.keptPassword(place, namespaceId, user);
    return own === undefined ? managed : [...managed, own];
  }

  #open(place: () => Place, workgroupName: string, startup: Startup, onLost: (why: SqlError) => void): OpenedSession {
    const { namespaceId } = mustStand(place(), workgroupName);
    this.#mayConnect(place(), workgroupName, namespaceId, startup.user);
    const pid = this.#nextPid++;
    const key = Number.parseInt(systemRandom.hex(7), 16);
    const session = this.#options.plane.connect({
      place,
      login: { namespaceId, database: startup.database, user: startup.user, pid, make: isTemporary(startup) },
      idleMs,
      metered: (statement) => this.#metered(place, workgroupName, startup.database, statement),
      onChange: () => this.#options.onChange(),
      onLost,
    });
    for (const [name, value] of settingsOf(startup)) session.session.settings.set(name, value);
    const counted = this.#counts.open(place().region, workgroupName, session.session.database);
    const close = async () => {
      if (this.#sessions.delete(pid)) counted();
      await session.close();
    };
    const opened = { session, pid, key, close };
    this.#sessions.set(pid, opened);
    return opened;
  }

  /** F-708, F-709 */
  #mayConnect(place: Place, workgroupName: string, namespaceId: string, user: string): void {
    if (this.#counts.of(place.region, workgroupName) >= connectionsMax) {
      throw new SqlError('53300', 'sorry, too many clients already', { severity: 'FATAL' });
    }
    const limit = this.#options.plane.connectionLimit(place, namespaceId, user);
    if (limit === undefined) return;
    const own = [...this.#sessions.values()].filter(
      ({ session: { session } }) => session.namespaceId === namespaceId && session.user === user.toLowerCase(),
    );
    if (own.length >= limit) {
      throw new SqlError('53300', `too many connections for user "${user}"`, { severity: 'FATAL' });
    }
  }

  async #cancel({ pid, key }: Cancellation): Promise<void> {
    const found = this.#sessions.get(pid);
    if (found?.key === key) await found.session.cancel();
  }

  async #metered<T>(
    place: () => Place,
    workgroupName: string,
    database: string,
    statement: () => Promise<T>,
  ): Promise<T> {
    await this.#awake(place(), workgroupName);
    const startedAt = place().now;
    let failed = 1;
    try {
      const answer = await statement();
      failed = 0;
      return answer;
    } finally {
      const warehouse = findWorkgroup(place(), workgroupName);
      const endsAt = place().now;
      if (warehouse)
        putDown(place(), warehouse, { database, startedAt, endsAt, succeeded: 1 - failed, failed, connections: 0 });
    }
  }

  /** The first statement of a warehouse that has gone to sleep waits until it is awake, all others with it (F-457). */
  #awake(place: Place, workgroupName: string): Promise<void> {
    const name = `${place.region}/${workgroupName}`;
    const waking = this.#waking.get(name);
    if (waking !== undefined) return waking;
    const ms = wakingMs(place, { workgroupName });
    if (ms === 0) return Promise.resolve();
    const done = this.#options.clock.sleep(ms, { background: true }).finally(() => this.#waking.delete(name));
    this.#waking.set(name, done);
    return done;
  }

  async #lag(place: Place, workgroupName: string): Promise<void> {
    const ms = outages(place).slowMs[workgroupName];
    if (ms !== undefined) await this.#options.clock.sleep(ms, { background: true });
  }
}

function mustStand(place: Place, workgroupName: string): WarehouseInfo {
  const found = findWorkgroup(place, workgroupName);
  if (!found) throw new SqlError('57P03', 'the warehouse is not there any more', { severity: 'FATAL' });
  return found;
}

/** F-703 */
function admit(place: Place, workgroupName: string, { encrypted, user, database }: Startup): void {
  if (encrypted || !requiresTls(place, workgroupName)) return;
  const who = `host "127.0.0.1", user "${user}", database "${database}", SSL off`;
  throw new SqlError('28000', `no pg_hba.conf entry for ${who}`, { severity: 'FATAL' });
}

/** F-707: passwords that GetCredentials gave out for this workgroup and have not expired. */
const temporary = (place: Place, workgroupName: string, startup: Startup): string[] =>
  isTemporary(startup) ? temporaryPasswords(place, workgroupName, startup) : [];

/** Names that only GetCredentials gives. */
const isTemporary = ({ user }: Startup) => /^IAMR?:/i.test(user);

/** What a client sets as it connects: by name, or in `options` as `-c name=value`. */
function settingsOf({ options }: Startup): [string, string][] {
  const own = [...options].filter(([name]) =>
    /^(application_name|client_encoding|datestyle|timezone|search_path|query_group|statement_timeout)$/i.test(name),
  );
  const given = [...(options.get('options') ?? '').matchAll(/-c\s*([\w.]+)=((?:\\.|[^\s\\])+)/g)];
  return [
    ...own.map(([name, value]): [string, string] => [name.toLowerCase(), value]),
    ...given.map(([, name = '', value = '']): [string, string] => [name.toLowerCase(), value.replace(/\\(.)/g, '$1')]),
  ];
}

/** As Redshift keeps it: the user's name is in it (F-407). */
const md5 = (password: string, user: string) => `md5${createHash('md5').update(`${password}${user}`).digest('hex')}`;

/** What Postgres clients find that connect to the simulated warehouses. */
import { createHash } from 'node:crypto';
import { connect as connectSocket, type Socket } from 'node:net';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Live, openLive, refusalOf, rowOf } from '../../support/live.ts';
import { buildStandingProject, plainYaml } from '../../support/standing.ts';

let live: Live;

beforeAll(async () => {
  const { saved } = await buildStandingProject(plainYaml(3));
  live = await openLive(saved, 600);
});

afterAll(() => live.close());

const producer = async () => live.connect(await live.asAdministrator('producer'));

describe('a reader through the load balancer', () => {
  it('reads the shared table, and can tell which consumer answered', async () => {
    const seen = new Set<unknown>();
    for (let n = 0; n < 40 && seen.size < 3; n++) {
      const client = await live.connect();
      const row = await rowOf(client, 'SELECT current_namespace, count(*)::int AS flights FROM flights');
      expect(row.flights).toBeGreaterThanOrEqual(1);
      seen.add(row.current_namespace);
      await client.end();
    }
    expect(seen.size).toBe(3);
  });

  it('sees at once what the producer writes', async () => {
    const [writer, reader] = [await producer(), await live.connect()];
    await writer.query("INSERT INTO flights VALUES (77, 'LH')");
    expect(await rowOf(reader, 'SELECT carrier FROM flights WHERE id = 77')).toEqual({ carrier: 'LH' });
    await writer.query('DELETE FROM flights WHERE id = 77');
    expect((await reader.query('SELECT 1 FROM flights WHERE id = 77')).rows).toEqual([]);
  });

  it('is refused a write, and goes on reading', async () => {
    const reader = await live.connect();
    expect(await refusalOf(reader.query("INSERT INTO flights VALUES (1, 'LH')"))).toMatchObject({ code: '0A000' });
    expect(await rowOf(reader, 'SELECT 1 AS one')).toEqual({ one: 1 });
  });

  it('reads no longer once the grant is gone, and again when it is back', async () => {
    const [administrator, reader] = [await producer(), await live.connect()];
    const { current_namespace: consumer } = await rowOf(reader, 'SELECT current_namespace');
    const grant = (verb: string, towards: string) =>
      administrator.query(`${verb} USAGE ON DATASHARE airline_share ${towards} NAMESPACE '${consumer}'`);
    await grant('REVOKE', 'FROM');
    onTestFinished(async () => {
      await grant('GRANT', 'TO').catch(() => undefined);
    });
    expect(await refusalOf(reader.query('SELECT * FROM flights'))).toMatchObject({ code: '42501' });
    await grant('GRANT', 'TO');
    expect((await reader.query('SELECT * FROM flights')).rowCount).toBeGreaterThanOrEqual(1);
  });

  it('finds no tables in the catalog of the shared database', async () => {
    const reader = await live.connect();
    expect((await reader.query("SELECT * FROM pg_tables WHERE schemaname = 'public'")).rows).toEqual([]);
  });
});

describe('a login', () => {
  it.each([
    ['a wrong password', { password: 'wrong' }, '28P01'],
    ['a user that is not there', { user: 'nobody' }, '28P01'],
    ['a database that is not there', { database: 'nowhere' }, '3D000'],
    ['no encryption', { ssl: false }, '28000'],
  ])('is refused with %s', async (_what, config, code) => {
    expect(await refusalOf(live.connect(config))).toMatchObject({ code });
  });

  it('of a user whose password was given as sha256 is asked for with authentication 13', async () => {
    const administrator = await producer();
    const salt = 'salt';
    const kept = createHash('sha256').update(`Secret123${salt}`).digest('hex');
    await administrator.query(`CREATE USER hashed PASSWORD 'sha256|${kept}|${salt}'`);
    const port = await live.port('producer');
    expect(await digestLogin(port, 'hashed', 'Secret123')).toBe('R 0');
    expect(await digestLogin(port, 'hashed', 'Wrong1234')).toMatch(/^E .*28P01/);
  });
});

/** Logs in as Redshift's own drivers do, over a connection without encryption to a warehouse that allows it. */
async function digestLogin(port: number, user: string, password: string): Promise<string> {
  const socket = connectSocket(port, '127.0.0.1');
  onTestFinished(() => {
    socket.destroy();
  });
  const secure = await encrypt(socket);
  secure.write(startup(user));
  const asked = await message(secure);
  expect([asked.type, asked.body.readInt32BE(0), asked.body.readInt32BE(4)]).toEqual(['R', 13, 0]);
  const saltEnd = 12 + asked.body.readInt32BE(8);
  const salt = asked.body.subarray(12, saltEnd);
  const nonce = asked.body.subarray(saltEnd + 4, saltEnd + 4 + asked.body.readInt32BE(saltEnd));
  const own = Buffer.from('1700000000000');
  const kept = createHash('sha256').update(password).update(salt).digest();
  const digest = createHash('sha256').update(kept).update(nonce).update(own).digest();
  secure.write(framed('d', int32(digest.length), digest, int32(own.length), own));
  const { type, body } = await message(secure);
  return `${type} ${type === 'R' ? body.readInt32BE(0) : body.toString().replaceAll('\0', ' ')}`;
}

const int32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const framed = (type: string, ...parts: Buffer[]) => {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
};
const startup = (user: string) => framed('', int32(3 << 16), Buffer.from(`user\0${user}\0database\0airline_dw\0\0`));

async function encrypt(socket: Socket) {
  const { connect } = await import('node:tls');
  socket.write(framed('', int32(80877103)));
  await new Promise((resolve) => socket.once('data', resolve));
  return connect({ socket, rejectUnauthorized: false });
}

const message = (socket: Pick<Socket, 'once'>) =>
  new Promise<{ type: string; body: Buffer }>((resolve) =>
    socket.once('data', (data: Buffer) => resolve({ type: String.fromCharCode(data[0] ?? 0), body: data.subarray(5) })),
  );

describe('fifty connections', () => {
  it('each run their own prepared statements without getting in each other’s way', async () => {
    const pool = new pg.Pool({ ...(await poolConfig()), max: 50 });
    onTestFinished(() => pool.end());
    const clients = await Promise.all(Array.from({ length: 50 }, () => pool.connect()));
    const answers = await Promise.all(
      clients.map(async (client, n) => {
        const results: unknown[] = [];
        for (let m = 0; m < 10; m++) {
          // The same name means another statement in each connection.
          const text = `SELECT $1::int + ${n} AS sum, current_namespace AS where`;
          results.push((await client.query({ name: 'sum', text, values: [m] })).rows[0].sum);
        }
        client.release();
        return results;
      }),
    );
    expect(answers).toEqual(answers.map((_, n) => Array.from({ length: 10 }, (_each, m) => m + n)));
  });

  it('keep their settings and transactions to themselves', async () => {
    const [one, other] = [await producer(), await producer()];
    await one.query("SET query_group TO 'one'");
    expect(await rowOf(other, 'SHOW query_group')).not.toEqual({ query_group: 'one' });
    await one.query('BEGIN');
    await one.query("INSERT INTO flights VALUES (500, 'AA')");
    const waiting = other.query('SELECT count(*)::int AS n FROM flights WHERE id = 500');
    await one.query('ROLLBACK');
    expect((await waiting).rows).toEqual([{ n: 0 }]);
  });
});

const poolConfig = async () => ({
  host: '127.0.0.1',
  port: await live.port('nlb'),
  database: 'airline',
  user: 'reporter',
  password: live.passwords.reporter,
  ssl: { rejectUnauthorized: false },
});

describe('a transaction', () => {
  it('is all or nothing, and fails as a whole', async () => {
    const client = await producer();
    await client.query('BEGIN');
    await client.query("INSERT INTO flights VALUES (600, 'AA')");
    expect(await refusalOf(client.query('SELECT * FROM nowhere'))).toMatchObject({ code: '42P01' });
    expect(await refusalOf(client.query('SELECT 1'))).toMatchObject({ code: '25P02' });
    await client.query('COMMIT');
    expect((await client.query('SELECT 1 FROM flights WHERE id = 600')).rows).toEqual([]);
    await client.query('BEGIN');
    await client.query("INSERT INTO flights VALUES (601, 'AA')");
    expect(await rowOf(client, 'SELECT carrier FROM flights WHERE id = 601')).toEqual({ carrier: 'AA' });
    await client.query('COMMIT');
    expect((await client.query('DELETE FROM flights WHERE id = 601')).rowCount).toBe(1);
  });

  it('is what several statements in one text are', async () => {
    const client = await producer();
    const text = "INSERT INTO flights VALUES (610, 'AA'); SELECT * FROM nowhere";
    expect(await refusalOf(client.query(text))).toMatchObject({ code: '42P01' });
    expect((await client.query('SELECT 1 FROM flights WHERE id = 610')).rows).toEqual([]);
  });

  it('that only reads is in nobody’s way, however long it is open', async () => {
    const [reader, writer] = [await producer(), await producer()];
    await reader.query('BEGIN');
    await reader.query('SELECT * FROM flights');
    await writer.query("INSERT INTO flights VALUES (620, 'AA')");
    await writer.query('DELETE FROM flights WHERE id = 620');
    await reader.query('COMMIT');
  });

  it('that has changed something and then does nothing is ended, so that others can go on', async () => {
    const [idle, other] = [await producer(), await producer()];
    await idle.query('BEGIN');
    await idle.query("INSERT INTO flights VALUES (630, 'AA')");
    expect((await other.query('SELECT 1 FROM flights WHERE id = 630')).rows).toEqual([]);
    const { code } = await refusalOf(idle.query('SELECT 1'));
    expect(['25P03', '']).toContain(code);
  });
});

describe('prepared statements', () => {
  it('know the types of their parameters and columns before they run', async () => {
    const client = await producer();
    const text = 'INSERT INTO flights VALUES ($1, $2)';
    await client.query({ name: 'add', text, values: [700, "O'"] });
    const found = await client.query('SELECT id, carrier FROM flights WHERE id = $1 AND carrier = $2', [700, "O'"]);
    expect(found.rows).toEqual([{ id: '700', carrier: "O'" }]);
    expect(found.fields.map(({ dataTypeID }) => dataTypeID)).toEqual([20, 1042]);
    await client.query('DELETE FROM flights WHERE id = $1', [700]);
  });

  it('take and give values in binary', async () => {
    const client = await producer();
    const values = [Buffer.from([0, 0, 0, 0, 0, 0, 2, 189]), Buffer.from('LH')];
    await client.query({ text: 'INSERT INTO flights VALUES ($1, $2)', values });
    const query = { text: 'SELECT id FROM flights WHERE id = 701', values: [], binary: true };
    expect((await client.query(query)).rows).toEqual([{ id: '701' }]);
    await client.query('DELETE FROM flights WHERE id = 701');
  });

  it('are refused where they are not there, and the connection goes on after the error', async () => {
    const client = await live.connect();
    expect(await refusalOf(client.query('SELECT $1::int', ['x']))).toMatchObject({ code: '22P02' });
    expect((await client.query('SELECT $1::int AS n', [5])).rows).toEqual([{ n: 5 }]);
  });
});

describe('who is connected', () => {
  const others = `SELECT s.session_id, s.database_name, q.status, q.query_text
    FROM sys_session_history s
    LEFT JOIN sys_query_history q ON q.session_id = s.session_id AND q.status IN ('queued', 'running')
    WHERE s.status = 'active' AND s.session_id <> pg_backend_pid()`;

  it('is seen by the administrator, with what runs, and can be sent away', async () => {
    const [administrator, idle] = [await producer(), await producer()];
    const { pid } = await rowOf(idle, 'SELECT pg_backend_pid() AS pid');
    const seen = (await administrator.query(others)).rows.find((row) => row.session_id === pid);
    expect(seen).toMatchObject({ status: null, query_text: null });
    await administrator.query(`SELECT pg_terminate_backend(${pid})`);
    expect(await refusalOf(idle.query('SELECT 1'))).toMatchObject({
      message: expect.stringMatching(/terminat|not queryable/i),
    });
    expect((await administrator.query(others)).rows.filter((row) => row.session_id === pid)).toEqual([]);
  });

  it('sees what its own sessions run, and ends no others', async () => {
    const administrator = await producer();
    await administrator.query("CREATE USER onlooker PASSWORD 'Secret123'");
    const { pid } = await rowOf(administrator, 'SELECT pg_backend_pid() AS pid');
    const config = await live.asAdministrator('producer');
    const onlooker = await live.connect({ ...config, user: 'onlooker', password: 'Secret123' });
    expect((await onlooker.query(others)).rows).toEqual([]);
    expect(await refusalOf(onlooker.query(`SELECT pg_terminate_backend(${pid})`))).toMatchObject({ code: '42501' });
  });
});

describe('what would hang or lead out of a user’s rights', () => {
  it.each([
    ['COPY flights FROM STDIN', '0A000'],
    ['SET ROLE postgres', '0A000'],
    ['RESET ROLE', '0A000'],
    ['SET SESSION AUTHORIZATION postgres', '0A000'],
    ['DISCARD ALL', '0A000'],
    ["SELECT set_config('role', 'postgres', false)", '42501'],
  ])('%s is refused', async (sql, code) => {
    const client = await producer();
    expect(await refusalOf(client.query(sql))).toMatchObject({ code });
    expect(await rowOf(client, 'SELECT 1 AS one')).toEqual({ one: 1 });
  });

  it('can be cancelled by the client that sent it', async () => {
    const client = (await producer()) as pg.Client & { processID: number; secretKey: number };
    const running = refusalOf(client.query('SELECT count(*) FROM generate_series(1, 2000000000)'));
    await new Promise((resolve) => setTimeout(resolve, 300));
    await cancel(await live.port('producer'), client.processID, client.secretKey);
    expect(await running).toMatchObject({ code: '57014' });
    expect(await rowOf(client, 'SELECT count(*)::int > 0 AS there FROM flights')).toEqual({ there: true });
  });
});

const cancel = (port: number, pid: number, key: number) =>
  new Promise<void>((resolve) => {
    const socket = connectSocket(port, '127.0.0.1', () =>
      socket.write(framed('', int32(80877102), int32(pid), int32(key))),
    );
    socket.on('close', () => resolve());
    socket.resume();
  });

/** Clients that misbehave or vanish: whatever they do, the others go on and nothing stays behind. */
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Live, openLive, refusalOf, rowOf } from '../../support/live.ts';
import { buildStandingProject, plainYaml } from '../../support/standing.ts';
import {
  cancelRequest,
  framed,
  int32,
  query,
  shown,
  sslRequest,
  startup,
  sync,
  WireClient,
} from '../../support/wire.ts';

let live: Live;
let producer: pg.ClientConfig;

beforeAll(async () => {
  const { saved } = await buildStandingProject(plainYaml(1));
  live = await openLive(saved, 600);
  producer = await live.asAdministrator('producer');
});

afterAll(() => live.close());

const endless = 'SELECT count(*) FROM generate_series(1, 2000000000)';
const answerTo = async (bytes: Buffer) => {
  const client = await WireClient.open(Number(producer.port));
  client.send(bytes);
  return (await client.until('nothing')).map(shown);
};

describe('a first message that is none', () => {
  it.each([
    ['another protocol', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'), ['E 08P01']],
    ['zeros', Buffer.alloc(64), ['E 08P01']],
    ['one that says it is huge', Buffer.concat([int32(60_000_000), int32(3 << 16)]), ['E 08P01']],
    ['one that is cut off', framed('', int32(3 << 16), Buffer.from('user')), ['E 08P01']],
    ['an older protocol', framed('', int32(2 << 16), Buffer.alloc(288)), ['E 0A000']],
    ['one without a user', startup({ database: 'airline_dw' }), ['E 28000']],
    ['a cancellation without a key', framed('', int32(80877102)), ['E 08P01']],
    ['a cancellation of nobody', cancelRequest(1, 2), []],
    ['what is not encrypted after a request to be', Buffer.concat([sslRequest, sslRequest]), ['E 08P01']],
  ])('%s is refused', async (_what, bytes, answer) => {
    expect(await answerTo(bytes)).toEqual(answer);
  });
});

describe('a message', () => {
  it('may come byte by byte', async () => {
    const client = await WireClient.login(producer);
    for (const byte of query('SELECT 1 AS one')) client.send(Buffer.of(byte));
    expect((await client.until('Z')).map(shown)).toEqual(['T one', 'D 1', 'C SELECT 1', 'Z I']);
  });

  it('may be large, and is refused when it is too large', async () => {
    const client = await live.connect(producer);
    expect(await rowOf(client, 'SELECT length($1::text) AS n', ['x'.repeat(20_000_000)])).toEqual({ n: 20_000_000 });
    expect(await answersOfLogin(framed('Q').subarray(0, 1), int32(70_000_000))).toEqual(['E 08P01']);
  });

  it.each([
    ['of no known type', framed('?')],
    ['that ends too soon', framed('B', Buffer.of(0))],
  ])('%s ends the connection', async (_what, bytes) => {
    expect(await answersOfLogin(bytes, sync)).toEqual(['E 08P01']);
  });
});

async function answersOfLogin(...bytes: Buffer[]): Promise<string[]> {
  const client = await WireClient.login(producer);
  client.send(...bytes);
  return (await client.until('nothing')).map(shown);
}

describe('a cancellation', () => {
  const client = async () => (await live.connect(producer)) as pg.Client & { processID: number; secretKey: number };
  const cancel = async (pid: number, key: number) => answerTo(cancelRequest(pid, key));

  it('with a wrong key, or of a session that is idle, does nothing', async () => {
    const [one, other] = [await client(), await client()];
    await cancel(one.processID, other.secretKey);
    await cancel(one.processID, one.secretKey);
    expect(await rowOf(one, 'SELECT 1 AS one')).toEqual({ one: 1 });
  });

  it.each([
    ['a query', 'SELECT 1 FROM flights'],
    ['a change', "INSERT INTO flights VALUES (900, 'AA')"],
    ['a change in a transaction', "BEGIN; INSERT INTO flights VALUES (900, 'AA')"],
  ])('of %s that waits for its turn keeps it from running', async (_what, sql) => {
    const [writer, waiting] = [await client(), await client()];
    await writer.query('BEGIN; CREATE TABLE in_the_way (id int)');
    const refused = refusalOf(waiting.query(sql));
    await new Promise((resolve) => setTimeout(resolve, 100));
    await cancel(waiting.processID, waiting.secretKey);
    await writer.query('ROLLBACK');
    expect(await refused).toMatchObject({ code: '57014' });
    await waiting.query('ROLLBACK');
    expect(await rowOf(waiting, 'SELECT count(*)::int AS n FROM flights WHERE id = 900')).toEqual({ n: 0 });
  });
});

describe('a client that vanishes', () => {
  it('in the middle of a query that would never end does not keep the others for long', async () => {
    const client = await WireClient.login(producer);
    client.send(query(endless));
    await new Promise((resolve) => setTimeout(resolve, 200));
    client.socket.destroy();
    const started = performance.now();
    expect(await rowOf(await live.connect(producer), 'SELECT 1 AS one')).toEqual({ one: 1 });
    expect(performance.now() - started).toBeLessThan(15_000);
  }, 30_000);

  it('in a transaction has changed nothing', async () => {
    const client = await WireClient.login(producer);
    await client.ask(query("BEGIN; INSERT INTO flights VALUES (901, 'AA')"));
    client.socket.destroy();
    const other = await live.connect(producer);
    expect(await rowOf(other, 'SELECT count(*)::int AS n FROM flights WHERE id = 901')).toEqual({ n: 0 });
  });
});

describe('the end of the one Postgres', () => {
  it('in another session’s query leaves what was committed, and a transaction that was open can go on or be repeated', async () => {
    const [keeper, killer] = [await live.connect(producer), await WireClient.login(producer)];
    await keeper.query("INSERT INTO flights VALUES (910, 'AA')");
    await keeper.query('BEGIN');
    await keeper.query('SELECT * FROM flights');
    killer.send(query(endless));
    await new Promise((resolve) => setTimeout(resolve, 200));
    await answerTo(cancelRequest(killer.pid, killer.key));
    expect((await killer.until('Z')).map(shown)).toEqual(['E 57014', 'Z I']);
    await keeper.query("INSERT INTO flights VALUES (911, 'AA')");
    await keeper.query('COMMIT');
    expect((await keeper.query('DELETE FROM flights WHERE id IN (910, 911)')).rowCount).toBe(2);
  });

  it('in a transaction’s own statement undoes that transaction', async () => {
    const client = await WireClient.login(producer);
    await client.ask(query("BEGIN; INSERT INTO flights VALUES (912, 'AA')"));
    client.send(query(endless));
    await new Promise((resolve) => setTimeout(resolve, 200));
    await answerTo(cancelRequest(client.pid, client.key));
    expect((await client.until('Z')).map(shown)).toEqual(['E 57014', 'Z E']);
    expect(await client.ask(query('COMMIT'))).toEqual(['C ROLLBACK', 'Z I']);
    expect(await client.ask(query('SELECT count(*) FROM flights WHERE id = 912'))).toContain('D 0');
  });
});

it('a transaction that was ended for its idleness is over for good: nothing is done any more on its connection', async () => {
  const client = await WireClient.login(producer);
  await client.ask(query('BEGIN; CREATE TABLE left_alone (id int)'));
  expect((await client.until('E')).map(shown)).toEqual(['E 25P03']);
  client.send(query('CREATE TABLE left_alone (id int)'));
  await client.until('nothing');
  const other = await live.connect(producer);
  expect(await refusalOf(other.query('SELECT * FROM left_alone'))).toMatchObject({ code: '42P01' });
}, 20_000);

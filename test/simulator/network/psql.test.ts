/** psql, as Debian ships it, through the simulated load balancer. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Live, openLive } from '../../support/live.ts';
import { psql, psqlIsThere } from '../../support/psql.ts';
import { buildStandingProject, plainYaml } from '../../support/standing.ts';

let live: Live;
let conninfo = '';

beforeAll(async () => {
  const { saved } = await buildStandingProject(plainYaml(2));
  live = await openLive(saved, 600);
  conninfo = `host=127.0.0.1 port=${await live.port('nlb')} dbname=airline user=reporter sslmode=require`;
});

afterAll(() => live.close());

const reader = (...statements: string[]) => psql(conninfo, live.passwords.reporter, ...statements);

describe.skipIf(!psqlIsThere())('psql', () => {
  it('connects with TLS, reads the shared table and tells the consumers apart', async () => {
    const seen = new Set<string>();
    for (let n = 0; n < 30 && seen.size < 2; n++) {
      const { code, stdout } = await reader('SELECT current_namespace', 'SELECT count(*) FROM airline.public.flights');
      expect(code).toBe(0);
      const [namespace = '', flights] = stdout.split('\n');
      expect(Number(flights)).toBeGreaterThanOrEqual(1);
      seen.add(namespace);
    }
    expect(seen.size).toBe(2);
  });

  it('sees the producer’s new rows at once, and is refused a write', async () => {
    const { user, password, port, database } = await live.asAdministrator('producer');
    const producer = `host=127.0.0.1 port=${port} dbname=${database} user=${user} sslmode=require`;
    const id = "SELECT 'seen' FROM flights WHERE id = 91";
    expect((await reader(id)).stdout).toBe('');
    await psql(producer, String(password), "INSERT INTO flights VALUES (91, 'QF')");
    expect((await reader(id)).stdout).toBe('seen');
    const refused = await reader("INSERT INTO flights VALUES (92, 'QF')");
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('can only be read') });
  });

  it.each([
    ['a wrong password', () => psql(conninfo, 'wrong', 'SELECT 1'), 'password authentication failed'],
    ['no TLS', () => psql(`${conninfo} sslmode=disable`, live.passwords.reporter, 'SELECT 1'), 'SSL off'],
    [
      'another database',
      () => psql(`${conninfo} dbname=nowhere`, live.passwords.reporter, 'SELECT 1'),
      'does not exist',
    ],
  ])('is refused with %s', async (_what, run, words) => {
    expect(await run()).toMatchObject({ code: 2, stderr: expect.stringContaining(words) });
  });

  it('gets no answer where the security groups let nobody in', async () => {
    const { local } = (await live.simulator.addresses()).find(({ kind }) => kind === 'endpoint access') ?? {};
    const closed = `host=127.0.0.1 port=${local?.split(':')[1]} dbname=airline user=reporter connect_timeout=2`;
    expect(await psql(closed, 'any', 'SELECT 1')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('timeout'),
    });
  });

  it('can be used with transactions, several statements at once and the commands that show settings', async () => {
    expect((await reader('BEGIN', 'SELECT current_user', 'COMMIT', 'SHOW search_path')).stdout).toBe(
      'BEGIN\nreporter\nCOMMIT\n"$user", public',
    );
    expect((await reader('SELECT 1; SELECT 2')).stdout).toBe('1\n2');
  });
});

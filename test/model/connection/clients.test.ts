/** Each client, by its own grammar, reads back what it was to be told, whatever the names look like. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clients } from '../../../src/model/connection/clients.ts';
import { clientNames } from '../../../src/model/connection/names.ts';
import type { ConnectionTarget } from '../../../src/model/connection/target.ts';
import { full, seed } from '../../support/seed.ts';
import {
  pythonArguments,
  pythonString,
  type Read,
  readConninfo,
  readDbt,
  readJdbc,
  readOdbc,
  shellArgument,
} from './readers.ts';

const target: ConnectionTarget = {
  host: 'airline-dev-nlb-1.elb.us-east-1.amazonaws.com',
  port: 5439,
  database: 'airline',
  user: 'reporter',
  certificate: 'another',
  name: 'airline-dev',
};

function fromPython(code: string): Read {
  const { host = '', port = '', database = '', user, username, ...options } = pythonArguments(code);
  return { host, port: Number(port), database, user: user ?? username ?? '', options };
}

/** The one object literal that node-postgres is given, as JavaScript reads it. */
function fromNode(code: string): Read {
  const literal = /new pg\.Pool\((\{[\s\S]*\n\})\);\n/.exec(code)?.[1] ?? '';
  const { host, port, database, user, ...options } = new Function(`return ${literal}`)() as Read &
    Record<string, unknown>;
  return { host, port, database, user, options: options as unknown as Record<string, string> };
}

/** The only line that is a string and nothing else. */
function fromPsycopg(code: string): Read {
  const line = code.split('\n').find((one) => one.startsWith('    "')) ?? '';
  return readConninfo(pythonString(line.trim().slice(0, -1)));
}

const readers: Readonly<Record<(typeof clientNames)[number], (text: string) => Read>> = {
  psql: (text) => readConninfo(shellArgument(text)),
  jdbc: readJdbc,
  odbc: readOdbc,
  'redshift-connector': fromPython,
  psycopg: fromPsycopg,
  sqlalchemy: fromPython,
  node: fromNode,
  dbt: readDbt,
};

const options = (client: (typeof clientNames)[number], more: Partial<ConnectionTarget> = {}) =>
  readers[client](clients[client].text({ ...target, ...more })).options;

/** Names of all kinds, many of them full of what means something to somebody. */
const name = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
  fc.string({ unit: fc.constantFrom(...`'"\\;{}=&?%+/:@#$\`!()[], \n\tab`), minLength: 1, maxLength: 12 }),
  fc.constantFrom(
    '}',
    '};',
    "it's",
    '%41',
    '{{ env }}',
    '{% raw',
    'a b',
    '\\n',
    '$HOME',
    '`id`',
    '!!',
    'true',
    '~',
    'a=b',
  ),
);

describe.each(clientNames)('%s', (client) => {
  test('reads back every name as it is', () => {
    fc.assert(
      fc.property(name, name, fc.constantFrom('another', 'host', 'simulator'), (database, user, certificate) => {
        const read = readers[client](clients[client].text({ ...target, database, user, certificate }));
        const { host, port } = target;
        expect(read).toMatchObject({ host, port, database, user });
      }),
      { seed, numRuns: full ? 10_000 : 400 },
    );
  });

  test('is never given a password', () => {
    expect(clients[client].text(target)).not.toMatch(/password[=:] ?["']?(?!os\.environ|\{\{ env_var)\w/i);
  });
});

test('all of them look like this', async () => {
  const shown = clientNames.map((client) => {
    const notes = clients[client].notes(target).map((note) => `- ${note}\n`);
    return `--- ${client}\n${clients[client].text(target)}\n${notes.join('')}`;
  });
  await expect(shown.join('\n')).toMatchFileSnapshot('../../golden/connect-clients.txt');
});

describe('what certificates show', () => {
  test('is checked but for the name behind the load balancer', () => {
    expect(options('psql').sslmode).toBe('require');
    expect(options('psycopg').sslmode).toBe('require');
    for (const client of ['jdbc', 'redshift-connector', 'sqlalchemy', 'dbt'] as const)
      expect(options(client).sslmode).toBe('verify-ca');
    expect(options('odbc').SSLMode).toBe('verify-ca');
    const { ssl } = options('node') as unknown as { ssl: { checkServerIdentity: () => unknown } };
    expect(Object.keys(ssl)).toEqual(['checkServerIdentity']);
    expect(ssl.checkServerIdentity()).toBeUndefined();
  });

  test("is checked with the name at a warehouse's own address", () => {
    const own = { certificate: 'host' } as const;
    expect(options('psql', own)).toMatchObject({ sslmode: 'verify-full', sslrootcert: 'system' });
    for (const client of ['jdbc', 'redshift-connector', 'sqlalchemy', 'dbt'] as const)
      expect(options(client, own).sslmode).toBe('verify-full');
    expect(options('odbc', own).SSLMode).toBe('verify-full');
    expect(options('node', own).ssl).toBe(true);
  });
});

describe('idle connections', () => {
  test.each([
    ['psql', 'keepalives_idle', '60'],
    ['psycopg', 'keepalives_idle', '60'],
    ['odbc', 'KeepAliveIdle', '60'],
    ['redshift-connector', 'tcp_keepalive_idle', '60'],
    ['sqlalchemy', 'tcp_keepalive_idle', '60'],
    ['node', 'keepAliveInitialDelayMillis', 60_000],
  ] as const)('are probed by %s long before 200 seconds', (client, option, value) => {
    expect(options(client)[option]).toEqual(value);
  });

  test.each(['jdbc', 'dbt'] as const)('are probed by %s when the system says, which is said', (client) => {
    expect(Object.entries(options(client)).some(([key, value]) => /keepalive$/i.test(key) && value === 'true')).toBe(
      true,
    );
    expect(clients[client].notes(target).join()).toContain('net.ipv4.tcp_keepalive_time');
  });
});

describe('pools', () => {
  test('renew connections every ten minutes', () => {
    expect(options('sqlalchemy').pool_recycle).toBe('600');
    expect(options('node').maxLifetimeSeconds).toBe(600);
    expect(clients.psycopg.text(target)).toContain('max_lifetime=600,');
    expect(clients.jdbc.notes(target).join()).toContain('maxLifetime 600000');
  });

  test('run no query to see whether a connection is alive', () => {
    expect(options('jdbc').DisableIsValidQuery).toBe('true');
    expect(options('sqlalchemy').pool_pre_ping).toBe('False');
    expect(clients.psycopg.text(target)).not.toContain('check=');
    expect(clients.jdbc.notes(target).join()).toContain('testOnBorrow=false');
  });
});

test('clients that are not of Amazon do not speak the way of logging in that sha256 needs', () => {
  expect(clientNames.filter((client) => !clients[client].speaksSha256)).toEqual(['psql', 'psycopg', 'node']);
});

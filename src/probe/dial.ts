/**
 * One connection as a client makes it: the name's addresses, TCP, TLS, login, and who answers; each layer with its time,
 * its time-out and its own error.
 */
import type { Socket } from 'node:net';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import pg from 'pg';
import type { Clock } from '../shared/clock.ts';
import type { Layer } from './plan.ts';
import { coded, LayerFailure, probeErrorOf } from './probe-error.ts';
import { addressesOf, openTcp, startTls } from './transport.ts';
import { within } from './within.ts';

export interface Destination {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  /** How the certificate is checked. */
  readonly tls: ConnectionOptions;
  /** Which of several addresses is taken, as resolvers give clients one after the other. */
  readonly turn: number;
}

export interface Dialling {
  /** Real time. */
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** More of it where a warehouse may have to wake. */
  readonly wakeMs: number;
  readonly signal: AbortSignal;
  /** For what is asked once the connection stands; default: `signal`. */
  readonly queries?: AbortSignal;
}

/** A connection that is logged in. */
export interface Line {
  readonly namespaceId: string;
  /** One value of the first row. Rejects with a `LayerFailure` of `layer`. */
  query(sql: string, layer?: Layer): Promise<unknown>;
  /** Takes leave of the server; never rejects. */
  close(): Promise<void>;
}

/** How far a connection has come: filled in while it is on its way. */
export type Passed = Partial<Record<Layer, number>>;

/** Connects. Rejects with a `LayerFailure`, or with the signal's reason; nothing stays open then. */
export async function dial(to: Destination, how: Dialling, passed: Passed = {}): Promise<Line> {
  const way = new Way(how, passed);
  try {
    const addresses = await way.pass('dns', () => addressesOf(to.host), `no answer from the resolver for ${to.host}`);
    const address = addresses[to.turn % addresses.length] ?? to.host;
    const silence = `no answer from ${address}:${to.port}`;
    await way.pass('tcp', () => way.openTcp(address, to.port), silence);
    const stream = await way.pass('tls', () => way.startTls(to), silence);
    const client = await way.pass('login', () => way.logIn(stream, to), silence);
    const namespaceId = String(await way.ask(client, 'SELECT current_namespace', 'identity'));
    return {
      namespaceId,
      query: (sql, layer = 'table') => way.ask(client, sql, layer),
      close: () => way.leave(client),
    };
  } catch (error) {
    way.cut();
    throw error;
  }
}

/** Layers at which a warehouse that sleeps is waited for. */
const waking: ReadonlySet<Layer> = new Set(['login', 'identity', 'table']);
const leaveMs = 1_000;

class Way {
  readonly #how: Dialling;
  readonly #passed: Passed;
  #socket: Socket | undefined;

  constructor(how: Dialling, passed: Passed) {
    this.#how = how;
    this.#passed = passed;
  }

  async pass<T>(layer: Layer, work: () => Promise<T>, silence: string): Promise<T> {
    const { clock, timeoutMs, wakeMs } = this.#how;
    const signal = layer === 'table' ? (this.#how.queries ?? this.#how.signal) : this.#how.signal;
    const ms = timeoutMs + (waking.has(layer) ? wakeMs : 0);
    const from = clock.elapsed();
    const late = () => coded('ETIMEDOUT', `${silence} within ${ms / 1_000} s`);
    try {
      const result = await within(work(), { clock, ms, signal, late });
      this.#passed[layer] = clock.elapsed() - from;
      return result;
    } catch (error) {
      signal.throwIfAborted();
      throw new LayerFailure(layer, probeErrorOf(error));
    }
  }

  async openTcp(address: string, port: number): Promise<void> {
    const { socket, opened } = openTcp(address, port);
    this.#socket = socket;
    await opened;
  }

  async startTls({ host, tls }: Destination): Promise<TLSSocket> {
    if (!this.#socket) throw coded('ENOTCONN', 'there is no connection');
    return startTls(this.#socket, host, tls);
  }

  async logIn(stream: TLSSocket, { host, port, database, user, password }: Destination): Promise<pg.Client> {
    const client = new pg.Client({
      ...{ host, port, database, user, password, application_name: 'rsds test' },
      ssl: false,
      stream: () => connectedAlready(stream),
    });
    // A server that lets a client go says so by an event, too.
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  ask(client: pg.Client, text: string, layer: Layer): Promise<unknown> {
    const work = async () => {
      const { rows } = await client.query<unknown[]>({ text, rowMode: 'array' });
      return rows[0]?.[0];
    };
    return this.pass(layer, work, 'no answer to a query').catch((error: unknown) => {
      // What is late, or broke off, is of no use any more.
      if (!(error instanceof LayerFailure) || !isAnswer(error)) this.cut();
      throw error;
    });
  }

  async leave(client: pg.Client): Promise<void> {
    const { clock } = this.#how;
    const never = new AbortController().signal;
    const late = () => coded('ETIMEDOUT', 'the other side does not close the connection');
    await within(client.end(), { clock, ms: leaveMs, signal: never, late }).catch(() => undefined);
    this.cut();
  }

  cut(): void {
    this.#socket?.destroy();
  }
}

/** Whether the server answered with an error, after which the connection goes on: a SQLSTATE. */
const isAnswer = ({ error }: LayerFailure) => /^[0-9A-Z]{5}$/.test(error.code);

/** node-postgres connects the stream that it is given; this one is connected. */
function connectedAlready(stream: TLSSocket): TLSSocket {
  const connect = () => {
    process.nextTick(() => stream.emit('connect'));
    return stream;
  };
  return Object.assign(stream, { connect }) as TLSSocket;
}

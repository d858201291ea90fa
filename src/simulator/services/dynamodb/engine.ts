/**
 * The engine for keys, items and expressions: dynalite, spoken to without a socket. It knows neither accounts nor
 * table states; those are kept by the shim around it. One engine serves one region.
 *
 * E1. Calls that change items, and the reads that must fit them, run one after the other (`inTurn`).
 */
import { EventEmitter } from 'node:events';
import type { Server } from 'dynalite';
import { ApiError } from '../../service.ts';

export type Json = Record<string, unknown>;

export class Engine {
  readonly #server: Server;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Loads dynalite (some 75 ms) and opens an empty store in memory. */
  static async open(): Promise<Engine> {
    const { default: dynalite } = await import('dynalite');
    return new Engine(dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 }));
  }

  /** One operation with its JSON input. Throws an ApiError for what DynamoDB refuses. */
  async call(operation: string, input: Json): Promise<Json> {
    const { status, body } = await this.#exchange(operation, Buffer.from(JSON.stringify(input)));
    const answer = body === '' ? {} : (JSON.parse(body) as Json | string);
    if (status === 200) return typeof answer === 'string' ? {} : answer;
    throw refusal(status, typeof answer === 'string' ? {} : answer);
  }

  /** Runs `body` when every earlier turn has ended. */
  inTurn<T>(body: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(body);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /** Makes a table and waits until it can be used. */
  async createTable(definition: Json): Promise<void> {
    await this.call('CreateTable', definition);
    while (!(await this.#isActive(definition.TableName))) await nextTurnOfLoop();
  }

  /** Removes a table with its items and waits until its name is free. */
  async deleteTable(name: string): Promise<void> {
    await this.call('DeleteTable', { TableName: name });
    while ((await this.#status(name)) !== undefined) await nextTurnOfLoop();
  }

  async #isActive(name: unknown): Promise<boolean> {
    return (await this.#status(name)) === 'ACTIVE';
  }

  async #status(name: unknown): Promise<unknown> {
    try {
      const { Table: table } = await this.call('DescribeTable', { TableName: name });
      return (table as Json).TableStatus;
    } catch (error) {
      if (error instanceof ApiError && error.code === 'ResourceNotFoundException') return undefined;
      throw error;
    }
  }

  #exchange(operation: string, body: Buffer): Promise<{ status: number; body: string }> {
    return new Promise((resolve) => {
      const request = Object.assign(new EventEmitter(), { method: 'POST', url: '/', headers: headersFor(operation) });
      const response = {
        statusCode: 200,
        setHeader: () => undefined,
        end: (text = '') => resolve({ status: response.statusCode, body: text }),
      };
      this.#server.emit('request', request, response);
      request.emit('data', body);
      request.emit('end');
    });
  }
}

// dynalite checks that a request is signed, not by whom; the wire layer has looked at the real signature.
const headersFor = (operation: string) => ({
  'content-type': 'application/x-amz-json-1.0',
  'x-amz-target': `DynamoDB_20120810.${operation}`,
  'x-amz-date': '20260101T000000Z',
  authorization: 'AWS4-HMAC-SHA256 Credential=a/20260101/r/dynamodb/aws4_request, SignedHeaders=host, Signature=s',
});

function refusal(status: number, answer: Json): ApiError {
  const { __type: type, message, Message, ...members } = answer;
  const code = String(type ?? 'InternalServerError').replace(/^.*#/, '');
  return new ApiError(code, String(message ?? Message ?? ''), { status, members });
}

const nextTurnOfLoop = () => new Promise<void>((resolve) => setImmediate(resolve));

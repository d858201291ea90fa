/** Addresses from which no answer comes, as from behind a security group that lets nobody in. */
import { connect, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';

/** How many connections the system takes before it drops the next: one more than the queue's length. */
const queued = 2;

export class BlackHole {
  readonly port: number;
  readonly #worker: Worker;
  readonly #lid: Int32Array;
  readonly #fillers: readonly Socket[];

  private constructor(port: number, worker: Worker, lid: Int32Array, fillers: readonly Socket[]) {
    this.port = port;
    this.#worker = worker;
    this.#lid = lid;
    this.#fillers = fillers;
  }

  /** Opens one on `port`, 0 for any. Rejects when the port is taken. */
  static async open(port = 0): Promise<BlackHole> {
    const lid = new Int32Array(new SharedArrayBuffer(4));
    const worker = new Worker(new URL('./black-hole-worker.mjs', import.meta.url), {
      workerData: { port, lid: lid.buffer },
    });
    worker.unref();
    const opened = await new Promise<number>((resolve, reject) => {
      worker.once('error', reject);
      worker.once('message', (told: { port: number } | { failure: string }) =>
        'port' in told ? resolve(told.port) : reject(new Error(told.failure)),
      );
    });
    const fillers = Array.from({ length: queued }, () => fill(opened));
    await Promise.all(fillers.map(connected));
    return new BlackHole(opened, worker, lid, fillers);
  }

  /** Gives the port free. */
  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#worker.once('exit', resolve));
    for (const filler of this.#fillers) filler.destroy();
    Atomics.store(this.#lid, 0, 1);
    Atomics.notify(this.#lid, 0);
    await ended;
  }
}

function fill(port: number): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.unref();
  // It is cut when the port is given free.
  socket.on('error', () => undefined);
  return socket;
}

const connected = (socket: Socket) =>
  new Promise<void>((resolve) => {
    socket.once('connect', resolve);
    socket.once('error', () => resolve());
  });

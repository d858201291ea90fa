/**
 * A port on which nobody answers. It listens, and then sleeps: the system takes the first connections into its queue
 * and drops whatever comes when the queue is full, so that a client waits for an answer as behind a security group.
 */
import { createServer } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';

const server = createServer();
server.once('error', (error) => parentPort?.postMessage({ failure: error.message }));
server.listen({ port: workerData.port, host: '127.0.0.1', backlog: 1 }, () => {
  parentPort?.postMessage({ port: server.address().port });
  Atomics.wait(new Int32Array(workerData.lid), 0, 0);
  server.close(() => process.exit());
});

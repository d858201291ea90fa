/**
 * The thread that runs the embedded Postgres. Plain JavaScript, shipped as it is: a worker thread gets no help from the
 * test runner, and Node 20 does not strip types, so the same file serves sources and the built package.
 *
 * It knows nothing of warehouses: it takes SQL text and answers what Postgres answered, as text. Messages are
 * those of engine.ts.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite, protocol } from '@electric-sql/pglite';

/** @param {Uint8Array | undefined} image */
const blob = (image) => (image ? new Blob([image]) : undefined);

// Redshift reads a backslash in a plain literal as an escape, as Postgres 8 did.
const settings =
  "SET standard_conforming_strings = off; SET escape_string_warning = off; SET client_min_messages = error; SET TimeZone = 'UTC'; SET extra_float_digits = 0;";

const database = await PGlite.create({ loadDataDir: blob(workerData.image) });
await database.exec(settings);
parentPort?.postMessage({ ready: true });

const operations = {
  /** @param {string} sql */
  async query(sql) {
    const { messages } = await database.execProtocol(protocol.serialize.query(sql), { throwOnError: false });
    return collect(messages);
  },
  async dump() {
    const file = await database.dumpDataDir('gzip');
    return new Uint8Array(await file.arrayBuffer());
  },
  async close() {
    await database.close();
  },
};

/** Groups the backend's messages by statement; what follows an error was not run. */
function collect(messages) {
  const results = [];
  let current = { tag: '', fields: [], rows: [] };
  for (const message of messages) {
    if (message.name === 'rowDescription') current.fields = message.fields.map(describe);
    else if (message.name === 'dataRow') current.rows.push(message.fields);
    else if (message.name === 'commandComplete') {
      results.push({ ...current, tag: message.text });
      current = { tag: '', fields: [], rows: [] };
    } else if (message.name === 'error') {
      const { code, message: text, hint, detail } = message;
      return { results, error: { code, message: text, hint, detail } };
    }
  }
  return { results };
}

const describe = ({ name, dataTypeID, dataTypeModifier, tableID, columnID }) => ({
  name,
  type: dataTypeID,
  modifier: dataTypeModifier,
  table: tableID,
  column: columnID,
});

// Requests are answered in order: one Postgres is one session.
let last = Promise.resolve();
parentPort?.on('message', ({ id, operation, argument }) => {
  last = last.then(async () => {
    try {
      parentPort?.postMessage({ id, value: await operations[operation](argument) });
    } catch (error) {
      parentPort?.postMessage({ id, failure: error?.message ?? error?.name ?? String(error) });
    }
  });
});

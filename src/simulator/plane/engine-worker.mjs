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
  /**
   * One statement by the extended protocol, between two simple ones, all in one go; what it answers is passed on as it
   * came. `before` opens a transaction or a savepoint: where it fails, the statement is not run.
   */
  async prepared({ before, after, sql, types, binding }) {
    const { parse, describe, execute, sync, query } = protocol.serialize;
    const asked = binding ? [bindMessage(binding), describe({ type: 'P' }), execute({})] : [describe({ type: 'S' })];
    const messages = [query(before), parse({ text: sql, types }), ...asked, sync(), query(after)];
    const [opened, answered] = upToReady(Buffer.from(await database.execProtocolRaw(Buffer.concat(messages))));
    const { error } = dissect(opened);
    return error ? { error } : dissect(answered);
  },
  async dump() {
    const file = await database.dumpDataDir('gzip');
    return new Uint8Array(await file.arrayBuffer());
  },
  async close() {
    await database.close();
  },
};

/** The messages up to each ReadyForQuery. */
function upToReady(raw) {
  const parts = [];
  let from = 0;
  for (let at = 0; at < raw.length; ) {
    const isReady = raw[at] === 'Z'.charCodeAt(0);
    at += 1 + raw.readInt32BE(at + 1);
    if (!isReady) continue;
    parts.push(raw.subarray(from, at));
    from = at;
  }
  return parts;
}

/** Bind for the unnamed statement and portal, with values and formats as a client sent them. */
function bindMessage({ formats, values, resultFormats }) {
  const int16 = (number) => Buffer.of((number >> 8) & 0xff, number & 0xff);
  const int32 = (number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(number);
    return bytes;
  };
  const body = [
    Buffer.of(0, 0),
    int16(formats.length),
    ...formats.map(int16),
    int16(values.length),
    ...values.flatMap((value) => (value === null ? [int32(-1)] : [int32(value.length), value])),
    int16(resultFormats.length),
    ...resultFormats.map(int16),
  ];
  const content = Buffer.concat(body);
  return Buffer.concat([Buffer.from('B'), int32(content.length + 4), content]);
}

/** The messages of one extended query: its rows stay as they are, their number is counted. */
function dissect(raw) {
  const answer = { parameters: [], fields: [], described: false, tag: '', rows: [], count: 0, error: undefined };
  for (let at = 0; at < raw.length; at += 1 + raw.readInt32BE(at + 1)) {
    const body = raw.subarray(at + 5, at + 1 + raw.readInt32BE(at + 1));
    const kind = String.fromCharCode(raw[at]);
    if (kind === 't')
      answer.parameters = Array.from({ length: body.readInt16BE(0) }, (_, n) => body.readInt32BE(2 + 4 * n));
    else if (kind === 'T') Object.assign(answer, { fields: fieldsOf(body), described: true });
    else if (kind === 'C') answer.tag = body.toString('utf8', 0, body.length - 1);
    else if (kind === 'E') answer.error ??= errorOf(body);
    else if (kind === 'D') {
      answer.rows.push(raw.subarray(at, at + 1 + raw.readInt32BE(at + 1)));
      answer.count++;
    }
  }
  // Memory of its own, so that it can be handed over to the other thread.
  const rows = new Uint8Array(answer.rows.reduce((sum, row) => sum + row.length, 0));
  answer.rows.reduce((to, row) => {
    rows.set(row, to);
    return to + row.length;
  }, 0);
  return { ...answer, rows };
}

function fieldsOf(body) {
  const fields = [];
  for (let at = 2, left = body.readInt16BE(0); left > 0; left--) {
    const end = body.indexOf(0, at);
    fields.push({
      name: body.toString('utf8', at, end),
      table: body.readInt32BE(end + 1),
      column: body.readInt16BE(end + 5),
      type: body.readInt32BE(end + 7),
      modifier: body.readInt32BE(end + 13),
      format: body.readInt16BE(end + 17),
    });
    at = end + 19;
  }
  return fields;
}

function errorOf(body) {
  const parts = Object.fromEntries(
    body
      .toString('utf8')
      .split('\0')
      .filter((part) => part !== '')
      .map((part) => [part[0], part.slice(1)]),
  );
  return { code: parts.C, message: parts.M, hint: parts.H, detail: parts.D };
}

/** Groups the backend's messages by statement; what follows an error was not run. */
function collect(messages) {
  const results = [];
  let current = { tag: '', fields: [], rows: [] };
  for (const message of messages) {
    if (message.name === 'rowDescription') current.fields = message.fields.map(describeField);
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

const describeField = ({ name, dataTypeID, dataTypeModifier, tableID, columnID }) => ({
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
      const value = await operations[operation](argument);
      parentPort?.postMessage({ id, value }, value?.rows?.buffer ? [value.rows.buffer] : []);
    } catch (error) {
      parentPort?.postMessage({ id, failure: error?.message ?? error?.name ?? String(error) });
    }
  });
});

/**
 * Reading and writing the values of the document protocols, JSON and CBOR: the same walk over the schema, different
 * forms of timestamps and blobs.
 */
import { ApiError } from '../service.ts';
import { isSparse, membersOf, type Shape } from './shapes.ts';

/** How one protocol writes what JSON has no form for. */
export interface LeafForms {
  readTimestamp(shape: Shape, value: unknown): Date | undefined;
  writeTimestamp(shape: Shape, value: Date): unknown;
  readBlob(value: unknown): Uint8Array | undefined;
  writeBlob(value: Uint8Array): unknown;
}

/** What AWS answers when a body can't be turned into the operation's input at all (F-14). */
export const serializationError = (message: string) => new ApiError('SerializationException', message);

const kindOf = (value: unknown): string => {
  if (Array.isArray(value)) return 'START_ARRAY';
  if (typeof value === 'object') return 'START_OBJECT';
  return typeof value === 'string'
    ? 'STRING_VALUE'
    : typeof value === 'boolean'
      ? `${value ? 'TRUE' : 'FALSE'}_VALUE`
      : 'NUMBER_VALUE';
};

const cannotConvert = (value: unknown, target: string) =>
  serializationError(`${kindOf(value)} can not be converted to a ${target}`);

/**
 * Turns a parsed document into the SDK's input shape. Members that the schema doesn't know are ignored, as AWS does;
 * `null` is absence. Throws SerializationException where a value has the wrong type.
 */
export function readDocument(shape: Shape, value: unknown, forms: LeafForms): unknown {
  if (value === null || value === undefined) return undefined;
  if (shape.isUnitSchema()) return {};
  if (shape.isStructSchema()) return readStructure(shape, value, forms);
  if (shape.isListSchema()) return readList(shape, value, forms);
  if (shape.isMapSchema()) return readMap(shape, value, forms);
  return readLeaf(shape, value, forms);
}

function readStructure(shape: Shape, value: unknown, forms: LeafForms): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw cannotConvert(value, 'Structure');
  const source = value as Record<string, unknown>;
  const result: Record<string, unknown> = {};
  for (const member of membersOf(shape)) {
    const read = readDocument(member.shape, source[member.name], forms);
    if (read !== undefined) result[member.name] = read;
  }
  return result;
}

function readList(shape: Shape, value: unknown, forms: LeafForms): unknown {
  if (!Array.isArray(value)) throw cannotConvert(value, 'List');
  const itemShape = shape.getValueSchema();
  const items = isSparse(shape) ? value : value.filter((item) => item !== null);
  return items.map((item) => (item === null ? null : readDocument(itemShape, item, forms)));
}

function readMap(shape: Shape, value: unknown, forms: LeafForms): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw cannotConvert(value, 'Map');
  const valueShape = shape.getValueSchema();
  const entries = Object.entries(value)
    .filter(([, item]) => item !== null || isSparse(shape))
    .map(([key, item]) => [key, item === null ? null : readDocument(valueShape, item, forms)]);
  return Object.fromEntries(entries);
}

function readLeaf(shape: Shape, value: unknown, forms: LeafForms): unknown {
  if (shape.isDocumentSchema()) return value;
  if (shape.isTimestampSchema()) {
    const date = forms.readTimestamp(shape, value);
    if (date === undefined || Number.isNaN(date.getTime())) throw cannotConvert(value, 'Timestamp');
    return date;
  }
  if (shape.isBlobSchema()) {
    const blob = forms.readBlob(value);
    if (blob === undefined) throw cannotConvert(value, 'Blob');
    return blob;
  }
  if (shape.isStringSchema()) return typeof value === 'string' ? value : raise(cannotConvert(value, 'String'));
  if (shape.isBooleanSchema()) return typeof value === 'boolean' ? value : raise(cannotConvert(value, 'Boolean'));
  return readNumber(value);
}

// The non-finite numbers travel as strings, because JSON has no form for them.
const nonFinite: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};

function readNumber(value: unknown): unknown {
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  const special = typeof value === 'string' ? nonFinite[value] : undefined;
  return special ?? raise(cannotConvert(value, 'Number'));
}

function raise(error: Error): never {
  throw error;
}

/** Turns an SDK output into a document: what is `undefined` or not in the schema is left out. */
export function writeDocument(shape: Shape, value: unknown, forms: LeafForms): unknown {
  if (value === null || value === undefined) return undefined;
  if (shape.isUnitSchema()) return {};
  if (shape.isStructSchema()) return writeStructure(shape, value as Record<string, unknown>, forms);
  if (shape.isListSchema()) return writeList(shape, value as readonly unknown[], forms);
  if (shape.isMapSchema()) return writeMap(shape, value as Record<string, unknown>, forms);
  return writeLeaf(shape, value, forms);
}

function writeStructure(shape: Shape, source: Record<string, unknown>, forms: LeafForms): unknown {
  const result: Record<string, unknown> = {};
  for (const member of membersOf(shape)) {
    const written = writeDocument(member.shape, source[member.name], forms);
    if (written !== undefined) result[member.name] = written;
  }
  return result;
}

function writeList(shape: Shape, items: readonly unknown[], forms: LeafForms): unknown {
  const itemShape = shape.getValueSchema();
  const present = isSparse(shape) ? items : items.filter((item) => item !== null && item !== undefined);
  return present.map((item) => writeDocument(itemShape, item, forms) ?? null);
}

function writeMap(shape: Shape, source: Record<string, unknown>, forms: LeafForms): unknown {
  const valueShape = shape.getValueSchema();
  const entries = Object.entries(source)
    .filter(([, item]) => item !== undefined && (item !== null || isSparse(shape)))
    .map(([key, item]) => [key, writeDocument(valueShape, item, forms) ?? null]);
  return Object.fromEntries(entries);
}

function writeLeaf(shape: Shape, value: unknown, forms: LeafForms): unknown {
  if (shape.isTimestampSchema()) return forms.writeTimestamp(shape, toDate(value));
  if (shape.isBlobSchema()) return forms.writeBlob(toBytes(value));
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  return value;
}

/** World state keeps times as milliseconds since the epoch; the SDK's types say Date. Both can be answered. */
export const toDate = (value: unknown): Date => (value instanceof Date ? value : new Date(Number(value)));

export const toBytes = (value: unknown): Uint8Array =>
  value instanceof Uint8Array ? value : new TextEncoder().encode(String(value));

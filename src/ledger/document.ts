/** Reading and checking the ledger's document. Anything unexpected is an error with a way out, never "nothing there". */
import { RsdsError } from '../shared/errors.ts';
import type { LedgerDocument, RecordState } from './ledger.ts';

export interface LedgerIdentity {
  readonly project: string;
  readonly environment: string;
  readonly account: string;
  readonly region: string;
}

const recordStates: ReadonlySet<unknown> = new Set<RecordState>([
  'intended',
  'applied',
  'settled',
  'failed',
  'removed',
]);

/** The way out of a ledger that can't be used. */
const rebuildHint = 'rsds up --rebuild-ledger puts it aside and makes it anew from tags and names (so does rsds down)';

export function emptyDocument(identity: LedgerIdentity, lineage: string): LedgerDocument {
  return { version: 1, ...identity, lineage, serial: 0, fence: 0, resources: {}, runs: [], measured: [] };
}

/**
 * The document in `text`. `where` names its place in messages.
 * Throws `ledger/unreadable` for what is empty, cut short or not a ledger, `ledger/newer`, `ledger/foreign`.
 */
export function parseDocument(text: string, where: string, identity: LedgerIdentity): LedgerDocument {
  const document = parseJson(text, where);
  if (!isRecord(document) || typeof document.version !== 'number') throw unreadable(where, 'it is not a ledger');
  if (document.version > 1) {
    throw new RsdsError('ledger/newer', `${where} has version ${document.version}; this rsds reads version 1`, {
      hint: `update rsds; or, to go on with this one, ${rebuildHint}`,
    });
  }
  if (!isWhole(document)) throw unreadable(where, 'parts of it are missing');
  mustBeFor(document, where, identity);
  return document;
}

/**
 * What is believed of a stored document that is to be rebuilt: which life of the environment it is of, and its history;
 * never what it says of resources, which are looked for by their tags and names instead. Of one that can't be read, or
 * is of another environment, nothing: the life that follows is then called `lineage`.
 */
export function historyOf(text: string, identity: LedgerIdentity, lineage: string): LedgerDocument {
  try {
    // Under a fence that the lock no longer reaches, nothing could be written: the lock is the one to believe.
    return { ...parseDocument(text, 'the old ledger', identity), resources: {}, fence: 0 };
  } catch (error) {
    if (error instanceof RsdsError) return emptyDocument(identity, lineage);
    throw error;
  }
}

export interface KnownLedger {
  readonly project: string;
  readonly environment: string;
  /** How many resources it does not have as removed. */
  readonly standing: number;
}

/** Whose ledger this is, whatever environment it is of; undefined for what is not a ledger that this version reads. */
export function parseAnyLedger(text: string): KnownLedger | undefined {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(document) || document.version !== 1 || !isWhole(document)) return undefined;
  const { project, environment, resources } = document;
  const standing = Object.values(resources).filter(({ state }) => state !== 'removed').length;
  return { project, environment, standing };
}

function parseJson(text: string, where: string): unknown {
  if (text.trim() === '') throw unreadable(where, 'it is empty');
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw unreadable(where, 'it is not complete JSON', cause);
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function isWhole(document: Record<string, unknown>): document is Record<string, unknown> & LedgerDocument {
  const texts = ['project', 'environment', 'account', 'region', 'lineage'].every(
    (key) => typeof document[key] === 'string',
  );
  const numbers = ['serial', 'fence'].every((key) => typeof document[key] === 'number');
  const { resources, runs, measured } = document;
  const records = isRecord(resources) && Object.values(resources).every(isWholeRecord);
  return texts && numbers && records && areAll(runs, isWholeRun) && areAll(measured, isWholeMeasure);
}

const areAll = (list: unknown, isOne: (one: Record<string, unknown>) => boolean) =>
  Array.isArray(list) && list.every((one) => isRecord(one) && isOne(one));

const isWholeRecord = (record: unknown) =>
  isRecord(record) &&
  typeof record.kind === 'string' &&
  recordStates.has(record.state) &&
  isRecord(record.data) &&
  areAll(record.transitions, ({ status, at }) => typeof status === 'string' && typeof at === 'number');

const isWholeRun = ({ id, command, startedAt }: Record<string, unknown>) =>
  typeof id === 'string' && typeof command === 'string' && typeof startedAt === 'number';

const isWholeMeasure = ({ kind, ms, at }: Record<string, unknown>) =>
  typeof kind === 'string' && typeof ms === 'number' && typeof at === 'number';

function mustBeFor(document: LedgerDocument, where: string, identity: LedgerIdentity): void {
  for (const key of ['project', 'environment', 'account', 'region'] as const) {
    if (document[key] === identity[key]) continue;
    throw new RsdsError('ledger/foreign', `${where} is of ${key} ${document[key]}, not ${identity[key]}`, {
      hint: `check ${key === 'account' || key === 'region' ? '--profile and --region' : '--env and rsds.yaml'}; if it got here by mistake, ${rebuildHint}`,
    });
  }
}

function unreadable(where: string, why: string, cause?: unknown): RsdsError {
  return new RsdsError('ledger/unreadable', `the ledger ${where} cannot be used: ${why}`, {
    hint: rebuildHint,
    cause,
  });
}

/** Reading and checking the ledger's document. Anything unexpected is an error with a way out, never "nothing there". */
import { RsdsError } from '../shared/errors.ts';
import type { LedgerDocument } from './ledger.ts';

export interface LedgerIdentity {
  readonly project: string;
  readonly environment: string;
  readonly account: string;
  readonly region: string;
}

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
      hint: 'update rsds',
    });
  }
  if (!isWhole(document)) throw unreadable(where, 'parts of it are missing');
  mustBeFor(document, where, identity);
  return document;
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
  return (
    texts && numbers && isRecord(document.resources) && Array.isArray(document.runs) && Array.isArray(document.measured)
  );
}

function mustBeFor(document: LedgerDocument, where: string, identity: LedgerIdentity): void {
  for (const key of ['project', 'environment', 'account', 'region'] as const) {
    if (document[key] === identity[key]) continue;
    throw new RsdsError('ledger/foreign', `${where} is of ${key} ${document[key]}, not ${identity[key]}`, {
      hint: key === 'account' || key === 'region' ? 'check --profile and --region' : 'check --env and rsds.yaml',
    });
  }
}

function unreadable(where: string, why: string, cause?: unknown): RsdsError {
  return new RsdsError('ledger/unreadable', `the ledger ${where} cannot be used: ${why}`, {
    hint: `move it aside (${where.startsWith('s3://') ? 'aws s3 mv' : 'mv'} ${where} ${where}.bad); the next rsds up or rsds down rebuilds it from tags and names`,
    cause,
  });
}

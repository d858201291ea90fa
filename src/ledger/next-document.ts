/** What both ledgers, in a file and in S3, do before a write: the fence, and the document that is written next. */
import { RsdsError } from '../shared/errors.ts';
import type { LedgerDocument, LedgerEvent } from './ledger.ts';
import { applyEvent } from './transitions.ts';

/** The document after the events, one serial on, under the newer of both fences; throws for an illegal transition. */
export function nextDocument(document: LedgerDocument, events: readonly LedgerEvent[], fence: number): LedgerDocument {
  const changed = events.reduce(applyEvent, document);
  return { ...changed, serial: document.serial + 1, fence: Math.max(fence, document.fence) };
}

/** As it is written, in a file or in S3. */
export const documentText = (document: LedgerDocument) => `${JSON.stringify(document, undefined, 2)}\n`;

/** What a document that was put aside ends in: no other document of any life has it. */
export const asideName = ({ lineage, serial }: LedgerDocument) => `moved-${lineage}-${serial}`;

/**
 * What a document ends in that was replaced by one made anew: the time when it was found, so that a second one does not
 * take its place.
 */
export const replacedName = (now: number) => `replaced-${new Date(now).toISOString().replace(/[-:.]/g, '')}`;

/** Whether a key or a file's name is that of a document that was put aside. */
export const isAside = (name: string) => /\.json\.(moved|replaced)-[0-9A-Za-z-]+$/.test(name);

/** L3: whether `there` is not what we left: a newer run's, or another's. */
export const isOvertaken = (ours: LedgerDocument, fence: number, there: LedgerDocument): boolean =>
  there.fence > fence || there.serial !== ours.serial || there.lineage !== ours.lineage;

export function fenced(where: string, ours: number, theirs: number): RsdsError {
  return new RsdsError('ledger/fenced', `another run wrote the ledger ${where} (fence ${theirs}, ours is ${ours})`, {
    hint: 'run the same command again; if that says the same, the lock table was made anew: rsds up --rebuild-ledger',
  });
}

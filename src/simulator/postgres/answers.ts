/** What a statement answered, as messages. */
import type { Answered } from '../plane/open-session.ts';
import { commandComplete, dataRow, emptyQueryResponse, rowDescription } from './backend-messages.ts';

/** Whether an answer has rows at all, be it none of them. */
export const hasRows = (answered: Answered): boolean =>
  'described' in answered ? answered.described : answered.fields.length > 0;

/** The rows of an answer, each one message. */
export function rowsOf(answered: Answered): Buffer[] {
  return 'count' in answered ? cut(Buffer.from(answered.rows)) : answered.rows.map(dataRow);
}

/** Rows that came from Postgres as messages, one after the other. */
function cut(bytes: Buffer): Buffer[] {
  const messages: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += 1 + bytes.readInt32BE(at + 1)) {
    messages.push(bytes.subarray(at, at + 1 + bytes.readInt32BE(at + 1)));
  }
  return messages;
}

/** The whole answer to a simple query's statement. */
export const answerTo = (answered: Answered): Buffer[] => [
  ...(hasRows(answered) ? [rowDescription(answered.fields), ...rowsOf(answered)] : []),
  completion(answered),
];

export const completion = ({ tag }: Answered): Buffer => (tag === '' ? emptyQueryResponse : commandComplete(tag));

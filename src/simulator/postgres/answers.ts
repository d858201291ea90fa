/** What a statement answered, as messages. */
import { asBuffer } from '../plane/data-rows.ts';
import type { Answered } from '../plane/open-session.ts';
import { commandComplete, dataRow, emptyQueryResponse, rowDescription } from './backend-messages.ts';

/** Whether an answer has rows at all, be it none of them. */
export const hasRows = (answered: Answered): boolean =>
  'described' in answered ? answered.described : answered.fields.length > 0;

/** The rows of an answer as messages, one after the other. */
export const rowsOf = (answered: Answered): Buffer =>
  'count' in answered ? asBuffer(answered.rows) : Buffer.concat(answered.rows.map(dataRow));

/** The whole answer to a simple query's statement. */
export const answerTo = (answered: Answered): Buffer[] => [
  ...(hasRows(answered) ? [rowDescription(answered.fields), rowsOf(answered)] : []),
  completion(answered),
];

export const completion = ({ tag }: Answered): Buffer => (tag === '' ? emptyQueryResponse : commandComplete(tag));

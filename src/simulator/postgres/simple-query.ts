/** A simple query: text with one or more statements. */
import type { OpenSession } from '../plane/open-session.ts';
import { SqlError } from '../plane/sql-error.ts';
import { firstWord, splitStatements } from '../plane/tokens.ts';
import { answerTo } from './answers.ts';
import { emptyQueryResponse, errorResponse } from './backend-messages.ts';
import type { MessageStream } from './message-stream.ts';

/** Several statements are one transaction, unless they say themselves where one begins and ends. */
export async function simpleQuery(stream: MessageStream, session: OpenSession, text: string): Promise<void> {
  const statements = splitStatements(text);
  if (statements.length === 0) stream.send(emptyQueryResponse);
  const implicit = statements.length > 1 && session.status === 'I' && !statements.some(isTransactional);
  try {
    if (implicit) await session.run({ sql: 'BEGIN' });
    for (const sql of statements) stream.send(...answerTo(await session.run({ sql })));
    if (implicit) await session.run({ sql: 'COMMIT' });
  } catch (error) {
    if (!(error instanceof SqlError) || error.severity === 'FATAL') throw error;
    if (implicit) await session.run({ sql: 'ROLLBACK' });
    stream.send(errorResponse(error));
  }
}

const isTransactional = (sql: string) => /^(begin|start|commit|end|rollback|abort)$/.test(firstWord(sql));

/** Statements on their way through the data plane, and what came of each. */
import type { DataPlane, Session, StatementResult } from '../../plane/data-plane.ts';
import { SqlError } from '../../plane/sql-error.ts';
import type { Call } from '../../service.ts';
import type { Outcome } from './state.ts';

export interface Script {
  /** With parameters in their places. */
  readonly sqls: readonly string[];
  /** As they were sent. */
  readonly shown: readonly string[];
  /** One statement, one transaction of several, or several on their own (F-461). */
  readonly mode: 'single' | 'transaction' | 'each';
}

/** Runs a script; errors of SQL are outcomes, too. `open` opens its session, and may be refused. */
export async function runScript(plane: DataPlane, call: Call, script: Script, open: () => Session): Promise<Outcome[]> {
  const { sqls, shown, mode } = script;
  let at = 0;
  try {
    const session = open();
    if (mode !== 'transaction') return await runEach(plane, call, script, session);
    const results = await plane.transaction(call, session, sqls, (index) => {
      at = index;
    });
    return results.map((result, index) => outcomeOf(shown[index] ?? '', result));
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    return shown.map((sql, index) => (index === at ? failed(sql, error) : skipped(sql)));
  }
}

async function runEach(plane: DataPlane, call: Call, { sqls, shown }: Script, session: Session): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const [index, sql] of sqls.entries()) {
    const text = shown[index] ?? '';
    try {
      outcomes.push(outcomeOf(text, await plane.execute(call, session, sql)));
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      outcomes.push(failed(text, error));
    }
  }
  return outcomes;
}

const failed = (sql: string, { text }: SqlError): Outcome => ({
  sql,
  error: text,
  rowCount: -1,
  columns: [],
  rows: [],
});
const skipped = (sql: string): Outcome => ({ sql, skipped: true, rowCount: -1, columns: [], rows: [] });

function outcomeOf(sql: string, { tag, fields, rows }: StatementResult): Outcome {
  const affected = /\d+$/.exec(tag)?.[0];
  const rowCount = fields.length > 0 ? rows.length : affected === undefined ? -1 : Number(affected);
  return { sql, rowCount, columns: fields.map(({ name, type, modifier }) => ({ name, type, modifier })), rows };
}

import {
  BatchExecuteStatementCommand,
  type BatchExecuteStatementCommandInput,
  CancelStatementCommand,
  DescribeStatementCommand,
  ExecuteStatementCommand,
  type ExecuteStatementCommandInput,
  type Field,
  GetStatementResultCommand,
  ListStatementsCommand,
  type ListStatementsCommandInput,
  RedshiftDataClient,
} from '@aws-sdk/client-redshift-data';
import type { Connection } from './connection.ts';
import { allPages } from './paging.ts';

/** Redshift Data API: SQL without a connection. Statements run asynchronously: execute, describe until done, get. */
export function data(connection: Connection) {
  const send = connection.open('redshift-data', 'Redshift Data', (config) => new RedshiftDataClient(config));
  return {
    executeStatement: (input: ExecuteStatementCommandInput) => send(new ExecuteStatementCommand(input)),
    batchExecuteStatement: (input: BatchExecuteStatementCommandInput) => send(new BatchExecuteStatementCommand(input)),
    describeStatement: (Id: string) => send(new DescribeStatementCommand({ Id })),
    /** All rows; each a list of fields in the order of the columns. */
    statementResult: (Id: string): Promise<Field[][]> =>
      allPages((NextToken) =>
        send(new GetStatementResultCommand({ Id, NextToken })).then((page) => ({
          items: page.Records,
          next: page.NextToken,
        })),
      ),
    cancelStatement: (Id: string) => send(new CancelStatementCommand({ Id })),
    listStatements: (input: ListStatementsCommandInput) =>
      allPages((NextToken) =>
        send(new ListStatementsCommand({ ...input, NextToken })).then((page) => ({
          items: page.Statements,
          next: page.NextToken,
        })),
      ),
  };
}

export type Data = ReturnType<typeof data>;

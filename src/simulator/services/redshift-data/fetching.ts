/** GetStatementResult and GetStatementResultV2: a result in the format that its statement asked for. */
import type {
  GetStatementResultRequest,
  GetStatementResultResponse,
  GetStatementResultV2Request,
  GetStatementResultV2Response,
} from '@aws-sdk/client-redshift-data';
import type { Checked } from '../../checked.ts';
import { ApiError, type Call, type Operation, paginate } from '../../service.ts';
import { invalid } from './login.ts';
import { badToken } from './paging.ts';
import { csvOf, fieldOf, metadataOf, pagesOf } from './results.ts';
import type { Column, Outcome, ResultFormat } from './state.ts';
import { find, partStatus } from './statements.ts';

/** Throws ResourceNotFoundException while the statement runs, and where there is no result. */
function resultOf(call: Call, id: string, format: ResultFormat): Outcome {
  const { statement, at } = find(call, id);
  if (statement.batch && at === undefined)
    throw invalid('A batch has results of its statements only: name one by its own Id.');
  if (statement.format !== format) throw invalid(`The statement's result format is ${statement.format}.`);
  const outcome = statement.outcomes[at ?? 0];
  if (!outcome || partStatus(statement, outcome, call.now) !== 'FINISHED' || outcome.columns.length === 0) {
    throw new ApiError(
      'ResourceNotFoundException',
      'Query does not have result. Please check query status with DescribeStatement.',
      { members: { ResourceId: id } },
    );
  }
  return outcome;
}

/** The page that a token names. */
function pageOf(outcome: Outcome, token: string | undefined) {
  const { items, nextToken } = paginate(pagesOf(outcome), token, 1, badToken);
  return {
    rows: items[0] ?? [],
    common: {
      ColumnMetadata: outcome.columns.map(metadataOf),
      TotalNumRows: outcome.rows.length,
      ...(nextToken === undefined ? {} : { NextToken: nextToken }),
    },
  };
}

const getStatementResult: Operation<Checked<GetStatementResultRequest>, GetStatementResultResponse> = (
  { Id, NextToken },
  call,
) => {
  const outcome = resultOf(call, Id, 'JSON');
  const { rows, common } = pageOf(outcome, NextToken);
  const records = rows.map((row) => row.map((value, column) => fieldOf(value, outcome.columns[column] as Column)));
  return { Records: records, ...common };
};

const getStatementResultV2: Operation<Checked<GetStatementResultV2Request>, GetStatementResultV2Response> = (
  { Id, NextToken },
  call,
) => {
  const outcome = resultOf(call, Id, 'CSV');
  const { rows, common } = pageOf(outcome, NextToken);
  const text = csvOf(outcome, rows, NextToken === undefined);
  return { Records: [{ CSVRecords: text }], ResultFormat: 'CSV', ...common };
};

export const resultOperations = { GetStatementResult: getStatementResult, GetStatementResultV2: getStatementResultV2 };

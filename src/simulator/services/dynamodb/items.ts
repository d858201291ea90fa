/** Items: the engine does the work; the shim keeps callers out of unready tables and tells whom a condition met. */
import { ApiError } from '../../service.ts';
import type { Json } from './engine.ts';
import { tableNameOf } from './input.ts';
import type { TableCall, TableOperation } from './operation.ts';
import { tablesOf } from './state.ts';
import { openForItems } from './tables.ts';

const notReady = () => new ApiError('ResourceNotFoundException', 'Requested resource not found');

function onOneTable(operation: string): TableOperation {
  return async (input, call) => {
    const plain = { ...input, TableName: tableNameOf(input) };
    if (!openForItems(plain.TableName, call)) throw notReady();
    return await call.engine.inTurn(() => call.engine.call(operation, plain));
  };
}

/** A write that may carry a condition: with ALL_OLD the refusal shows the item that stood in the way. F-567 */
function conditional(operation: string): TableOperation {
  return async (input, call) => {
    const { ReturnValuesOnConditionCheckFailure: wish, ...rest } = input;
    if (wish !== undefined && wish !== 'NONE' && wish !== 'ALL_OLD') throw badWish(wish);
    const plain = { ...rest, TableName: tableNameOf(input) };
    if (!openForItems(plain.TableName, call)) throw notReady();
    return await call.engine.inTurn(() => write(operation, plain, wish === 'ALL_OLD', call));
  };
}

const badWish = (wish: unknown) =>
  new ApiError(
    'ValidationException',
    `1 validation error detected: Value '${String(wish)}' at 'returnValuesOnConditionCheckFailure' failed to satisfy ` +
      'constraint: Member must satisfy enum value set: [ALL_OLD, NONE]',
  );

async function write(operation: string, input: Json, showItem: boolean, call: TableCall): Promise<Json> {
  try {
    return await call.engine.call(operation, input);
  } catch (error) {
    if (!showItem || !(error instanceof ApiError) || error.code !== 'ConditionalCheckFailedException') throw error;
    const item = await standingItem(input, call);
    throw new ApiError(error.code, error.message, { members: item === undefined ? {} : { Item: item } });
  }
}

async function standingItem(input: Json, call: TableCall): Promise<unknown> {
  const key = (input.Key ?? keyOf(input.Item as Json, String(input.TableName), call)) as Json;
  const found = await call.engine.call('GetItem', { TableName: input.TableName, Key: key, ConsistentRead: true });
  return found.Item;
}

function keyOf(item: Json, tableName: string, { place }: TableCall): Json {
  const schema = (tablesOf(place)[tableName]?.definition.KeySchema ?? []) as readonly { AttributeName: string }[];
  return Object.fromEntries(schema.map(({ AttributeName: name }) => [name, item[name]]));
}

function onManyTables(operation: string): TableOperation {
  return async (input, call) => {
    const names = typeof input.RequestItems === 'object' ? Object.keys(input.RequestItems ?? {}) : [];
    if (!names.every((name) => openForItems(name, call))) throw notReady();
    return await call.engine.inTurn(() => call.engine.call(operation, input));
  };
}

export const itemOperations = {
  GetItem: onOneTable('GetItem'),
  Query: onOneTable('Query'),
  Scan: onOneTable('Scan'),
  PutItem: conditional('PutItem'),
  UpdateItem: conditional('UpdateItem'),
  DeleteItem: conditional('DeleteItem'),
  BatchGetItem: onManyTables('BatchGetItem'),
  BatchWriteItem: onManyTables('BatchWriteItem'),
};

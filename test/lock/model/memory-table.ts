/**
 * DynamoDB's conditional UpdateItem and consistent GetItem in memory, for the expressions that the lock writes and no
 * others: an expression that is not understood is an error. interleavings.test.ts holds it against the simulator's.
 */
import type { AttributeValue, GetItemCommandInput, UpdateItemCommandInput } from '@aws-sdk/client-dynamodb';
import { InvariantError, ServiceError } from '../../../src/shared/errors.ts';

export type Item = Record<string, AttributeValue>;

/** A write that was done: the item before and after it. */
export interface Change {
  readonly key: string;
  readonly before: Item | undefined;
  readonly after: Item;
}

export class MemoryTable {
  readonly #items = new Map<string, Item>();
  readonly #onChange: (change: Change) => void;

  constructor(onChange: (change: Change) => void = () => {}) {
    this.#onChange = onChange;
  }

  getItem({ Key }: GetItemCommandInput): { Item: Item | undefined } {
    return { Item: this.#items.get(keyOf(Key)) };
  }

  /** Throws as the connection does when the condition fails. */
  updateItem(input: UpdateItemCommandInput): { Attributes: Item } {
    const key = keyOf(input.Key);
    const before = this.#items.get(key);
    if (!holds(before ?? {}, input)) throw conditionFailed(before);
    const after = updated(before ?? { lock: { S: key } }, input);
    this.#items.set(key, after);
    this.#onChange({ key, before, after });
    return { Attributes: after };
  }
}

const keyOf = (key: Item | undefined): string => key?.lock?.S ?? '';

type Expressions = Pick<UpdateItemCommandInput, 'ExpressionAttributeValues' | 'ExpressionAttributeNames'>;

function holds(item: Item, input: UpdateItemCommandInput): boolean {
  return (input.ConditionExpression ?? '').split(' AND ').every((term) => termHolds(item, term, input));
}

function termHolds(item: Item, term: string, input: Expressions): boolean {
  const missing = /^attribute_not_exists\((\w+)\)$/.exec(term)?.[1];
  if (missing !== undefined) return item[missing] === undefined;
  const [, path, operator, value] = /^([\w.]+) ([=<]) (:\w+)$/.exec(term) ?? [];
  if (path === undefined || value === undefined) throw new InvariantError(`not understood: ${term}`);
  const there = valueAt(item, path);
  const given = givenValue(value, input);
  // What is absent compares with nothing.
  if (there === undefined) return false;
  if (operator === '<') return Number(there.N) < Number(given.N);
  return there.S === given.S && Number(there.N ?? 0) === Number(given.N ?? 0);
}

function valueAt(item: Item, path: string): AttributeValue | undefined {
  const [name = '', ...rest] = path.split('.');
  const value = item[name];
  return rest.length === 0 ? value : valueAt(value?.M ?? {}, rest.join('.'));
}

function givenValue(name: string, { ExpressionAttributeValues: values }: Expressions): AttributeValue {
  const value = values?.[name];
  if (value === undefined) throw new InvariantError(`no value ${name}`);
  return value;
}

function updated(before: Item, input: UpdateItemCommandInput): Item {
  const after = { ...before };
  const clauses = (input.UpdateExpression ?? '').matchAll(/(SET|ADD|REMOVE) (.+?)(?= (?:SET|ADD|REMOVE) |$)/g);
  for (const [, verb, list = ''] of clauses) for (const part of list.split(', ')) apply(after, verb, part, input);
  return after;
}

function apply(item: Item, verb: string | undefined, part: string, input: Expressions): void {
  const [written = '', value = ''] = part.split(verb === 'SET' ? ' = ' : ' ');
  const name = input.ExpressionAttributeNames?.[written] ?? written;
  if (verb === 'REMOVE') delete item[name];
  else if (verb === 'SET') item[name] = givenValue(value, input);
  else item[name] = { N: String(Number(item[name]?.N ?? 0) + Number(givenValue(value, input).N)) };
}

function conditionFailed(Item: Item | undefined): ServiceError {
  const cause = Object.assign(new Error('the condition failed'), { name: 'ConditionalCheckFailedException', Item });
  return serviceError('conflict', 'ConditionalCheckFailedException', cause);
}

export const serviceError = (kind: 'conflict' | 'transient' | 'throttled', awsCode: string, cause?: unknown) =>
  new ServiceError('aws/failed', awsCode, { kind, service: 'dynamodb', operation: 'UpdateItem', awsCode, cause });

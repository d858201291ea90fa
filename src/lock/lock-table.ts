/**
 * The lock's records in DynamoDB, one item per key:
 *
 *   lock     S  the key (partition key)
 *   fence    N  grows by one with each acquisition; survives release
 *   version  S  random, new with each acquisition and heartbeat, never used again: what watchers compare
 *   beat     N  how many heartbeats this holder has sent; grows with each, so that a late one changes nothing
 *   leaseMs  N  how long a watcher must see the same version before the holder counts as dead
 *   holder   M  id, user, host, pid, operation, workgroup, since; absent when free
 *   data     M  kept with the key, e.g. the digest of what SQL was run
 *
 * Every write is one conditional UpdateItem (F-567); no wall clock is stored to be compared. Each condition can hold for
 * one arrival of a request at most, save that of a release, which may free the same holder's key twice: what the network
 * delivers late, or twice, changes nothing.
 */
import type {
  AttributeValue,
  CreateTableCommandInput,
  GetItemCommandInput,
  GetItemCommandOutput,
  TableDescription,
  UpdateItemCommandInput,
  UpdateItemCommandOutput,
} from '@aws-sdk/client-dynamodb';
import type { Holder } from '../engine/events.ts';
import { RsdsError, ServiceError } from '../shared/errors.ts';

type Item = Record<string, AttributeValue>;

/** The calls of DynamoDB that the lock makes; aws/dynamodb.ts has them. */
export interface LockCalls {
  getItem(input: GetItemCommandInput): Promise<GetItemCommandOutput>;
  updateItem(input: UpdateItemCommandInput): Promise<UpdateItemCommandOutput>;
  createTable(input: CreateTableCommandInput): Promise<unknown>;
  describeTable(name: string): Promise<TableDescription | undefined>;
}

export interface LockItem {
  readonly fence: number;
  readonly version: string;
  readonly beat: number;
  readonly leaseMs: number;
  readonly holder: Holder | undefined;
  readonly data: Readonly<Record<string, string>>;
}

/** The outcome of a conditional write: the item as it is now, or as it was when the condition failed. */
export type Written =
  | { readonly done: true; readonly item: LockItem }
  | { readonly done: false; readonly item: LockItem | undefined };

/** What an acquisition writes. */
export interface Claim {
  readonly key: string;
  readonly holder: Holder;
  /** Random, for this write alone. */
  readonly version: string;
  readonly leaseMs: number;
}

interface WriteExpression {
  readonly key: string;
  readonly update: string;
  readonly condition: string;
  readonly values: Item;
}

export class LockTable {
  readonly name: string;
  readonly #calls: LockCalls;

  constructor(name: string, calls: LockCalls) {
    this.name = name;
    this.#calls = calls;
  }

  /**
   * A consistent read. Undefined when the key was never used. Throws a ServiceError of kind `absent` without a table,
   * `lock/foreign-table` where the table has other keys.
   */
  async read(key: string): Promise<LockItem | undefined> {
    const input = { TableName: this.name, Key: { lock: { S: key } }, ConsistentRead: true };
    const { Item } = await this.#calls.getItem(input).catch((error: unknown) => {
      throw error instanceof ServiceError && error.kind === 'invalid' ? this.#foreign(error) : error;
    });
    return Item && parseItem(Item);
  }

  /**
   * Takes the key if nobody holds it and nobody held it since its fence was `seenFence`; undefined: the key was never
   * used. Without the fence, a request that comes late would take it again for somebody who has long released it.
   */
  takeFree({ key, holder, version, leaseMs }: Claim, seenFence: number | undefined): Promise<Written> {
    const seen = seenFence === undefined ? 'attribute_not_exists(fence)' : 'fence = :fence';
    const more: Item = seenFence === undefined ? {} : { ':fence': { N: String(seenFence) } };
    return this.#take({ key, holder, version, leaseMs }, `attribute_not_exists(holder) AND ${seen}`, more);
  }

  /** Takes the key over from the holder whose record still has `seenVersion`. */
  takeOver(claim: Claim, seenVersion: string): Promise<Written> {
    return this.#take(claim, 'version = :seen', { ':seen': { S: seenVersion } });
  }

  #take({ key, holder, version, leaseMs }: Claim, condition: string, more: Item): Promise<Written> {
    return this.#write({
      key,
      update: 'SET holder = :holder, version = :version, beat = :zero, leaseMs = :lease ADD fence :one',
      condition,
      values: {
        ':holder': { M: holderItem(holder) },
        ':version': { S: version },
        ':zero': { N: '0' },
        ':lease': { N: String(leaseMs) },
        ':one': { N: '1' },
        ...more,
      },
    });
  }

  /** The heartbeat: gives the record of `id` a new version, unless that has had this `beat` or a later one. */
  renew(key: string, id: string, version: string, beat: number): Promise<Written> {
    return this.#write({
      key,
      update: 'SET version = :version, beat = :beat',
      condition: 'holder.id = :id AND beat < :beat',
      values: { ':version': { S: version }, ':beat': { N: String(beat) }, ':id': { S: id } },
    });
  }

  /** Frees the key if it is still held by `id`, and, if given, its record has had no heartbeat since; fence and data stay. */
  release(key: string, id: string, seenVersion?: string): Promise<Written> {
    const own = { key, update: 'REMOVE holder', condition: 'holder.id = :id', values: { ':id': { S: id } } };
    if (seenVersion === undefined) return this.#write(own);
    return this.#write({
      ...own,
      condition: `${own.condition} AND version = :seen`,
      values: { ...own.values, ':seen': { S: seenVersion } },
    });
  }

  /** What the holder is at, as `a, b`. It only grows, so that a request that comes late takes nothing back. */
  tell(key: string, id: string, workgroups: string): Promise<Written> {
    return this.#write({
      key,
      update: 'SET holder.workgroup = :work',
      condition: 'holder.id = :id AND size(holder.workgroup) < :size',
      values: { ':work': { S: workgroups }, ':id': { S: id }, ':size': { N: String(workgroups.length) } },
    });
  }

  keep(key: string, id: string, data: Readonly<Record<string, string>>): Promise<Written> {
    const map = Object.fromEntries(Object.entries(data).map(([name, value]) => [name, { S: value }]));
    return this.#write({
      key,
      update: 'SET #data = :data',
      condition: 'holder.id = :id',
      values: { ':data': { M: map }, ':id': { S: id } },
    });
  }

  async #write({ key, update, condition, values }: WriteExpression): Promise<Written> {
    const usesData = update.includes('#data');
    try {
      const { Attributes } = await this.#calls.updateItem({
        TableName: this.name,
        Key: { lock: { S: key } },
        UpdateExpression: update,
        ConditionExpression: condition,
        ExpressionAttributeValues: values,
        ...(usesData ? { ExpressionAttributeNames: { '#data': 'data' } } : {}),
        ReturnValues: 'ALL_NEW',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
      return { done: true, item: parseItem(Attributes ?? {}) };
    } catch (error) {
      const refused = conditionFailed(error);
      if (!refused) throw error;
      return { done: false, item: refused.Item && parseItem(refused.Item) };
    }
  }

  /** Whether the table is there and usable. */
  async exists(): Promise<boolean> {
    const described = await this.#calls.describeTable(this.name);
    const keys = described?.KeySchema?.map(({ AttributeName }) => AttributeName) ?? ['lock'];
    if (keys.join() !== 'lock') throw this.#foreign();
    return described?.TableStatus === 'ACTIVE';
  }

  #foreign(cause?: unknown): RsdsError {
    return new RsdsError('lock/foreign-table', `the table ${this.name} is not one of locks: it has other keys`, {
      hint: 'name another one in lock.table, the same in every rsds.yaml of this account and region',
      cause,
    });
  }

  /** Makes the table, on demand. Answers at once; `exists` tells when it can be used. */
  async create(tags: Readonly<Record<string, string>>): Promise<void> {
    try {
      await this.#calls.createTable({
        TableName: this.name,
        BillingMode: 'PAY_PER_REQUEST',
        DeletionProtectionEnabled: true,
        AttributeDefinitions: [{ AttributeName: 'lock', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'lock', KeyType: 'HASH' }],
        Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
      });
    } catch (error) {
      // Somebody else made it in the meantime: as good as made by us.
      if (!(error instanceof ServiceError && (error.kind === 'exists' || error.kind === 'conflict'))) throw error;
    }
  }
}

/** The exception of a failed condition, with the item that failed it; undefined for any other error. */
function conditionFailed(error: unknown): { Item?: Item } | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at.name === 'ConditionalCheckFailedException') return at as { Item?: Item };
  }
  return undefined;
}

const holderItem = (holder: Holder): Item => ({
  id: { S: holder.id },
  user: { S: holder.user },
  host: { S: holder.host },
  pid: { N: String(holder.pid) },
  operation: { S: holder.operation },
  since: { N: String(holder.since) },
  ...(holder.workgroup === undefined ? {} : { workgroup: { S: holder.workgroup } }),
});

function parseItem(item: Item): LockItem {
  return {
    fence: Number(item.fence?.N ?? 0),
    version: item.version?.S ?? '',
    beat: Number(item.beat?.N ?? 0),
    leaseMs: Number(item.leaseMs?.N ?? 0),
    holder: item.holder?.M && parseHolder(item.holder.M),
    data: Object.fromEntries(Object.entries(item.data?.M ?? {}).map(([name, value]) => [name, value.S ?? ''])),
  };
}

const parseHolder = (holder: Item): Holder => ({
  id: holder.id?.S ?? '',
  user: holder.user?.S ?? '',
  host: holder.host?.S ?? '',
  pid: Number(holder.pid?.N ?? 0),
  operation: holder.operation?.S ?? '',
  since: Number(holder.since?.N ?? 0),
  ...(holder.workgroup?.S === undefined ? {} : { workgroup: holder.workgroup.S }),
});

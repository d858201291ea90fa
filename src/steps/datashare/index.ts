/** The datashare step: initial SQL, share, and per consumer grant, database, reader and the look that admits it. */
import type { DatashareConfig } from '../../config/config.ts';
import type { Resource } from '../../engine/resource.ts';
import { type ConsumerOptions, checkResource, databaseResource, grantResource, type ReaderSecret } from './consumer.ts';
import { initSqlResource, type SqlScript } from './init-sql.ts';
import { readerResource } from './reader.ts';
import { type SharesOf, shareResource } from './share.ts';
import type { SqlContext } from './sql-resource.ts';
import type { SqlWarehouse } from './warehouse.ts';

export interface DatashareOptions {
  readonly datashare: DatashareConfig;
  readonly producer: SqlWarehouse;
  /** The pool and the workloads: everybody who reads the share. */
  readonly consumers: readonly SqlWarehouse[];
  readonly secret: Resource<ReaderSecret>;
  readonly initSql: readonly SqlScript[];
  readonly context: SqlContext;
  readonly sharesOf: SharesOf;
  readerPassword(arn: string): Promise<string>;
}

export interface DatashareResources {
  readonly resources: readonly Resource[];
  /** What must be settled before a consumer is registered with the load balancer, by short name. */
  readonly checks: ReadonlyMap<string, Resource>;
  /** The grants, which scale-in takes back, by short name. */
  readonly grants: ReadonlyMap<string, Resource>;
}

export function datashareResources(options: DatashareOptions): DatashareResources {
  const { producer, consumers, initSql, context } = options;
  const initial = initSql.length > 0 ? [initSqlResource(producer, initSql, context)] : [];
  const share = shareResource({ ...options, after: initial });
  const perConsumer = consumers.map((consumer) => consumerResources({ ...options, consumer, share }));
  return {
    resources: [...initial, share, ...perConsumer.flatMap(({ resources }) => resources)],
    checks: new Map(perConsumer.map(({ short, check }) => [short, check])),
    grants: new Map(perConsumer.map(({ short, grant }) => [short, grant])),
  };
}

function consumerResources(options: ConsumerOptions) {
  const grant = grantResource(options);
  const database = databaseResource(options, grant);
  const reader = readerResource(options, database);
  const check = checkResource(options, reader);
  return {
    short: options.consumer.warehouse.short,
    grant,
    check,
    resources: [grant, database, reader, check] as Resource[],
  };
}

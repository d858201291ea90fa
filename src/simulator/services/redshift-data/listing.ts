/** ListDatabases, ListSchemas, ListTables, DescribeTable: the catalog without SQL of the caller's own. */
import type {
  DescribeTableRequest,
  DescribeTableResponse,
  ListDatabasesRequest,
  ListDatabasesResponse,
  ListSchemasRequest,
  ListSchemasResponse,
  ListTablesRequest,
  ListTablesResponse,
} from '@aws-sdk/client-redshift-data';
import type { Checked } from '../../checked.ts';
import type { DataPlane } from '../../plane/data-plane.ts';
import { SqlError } from '../../plane/sql-error.ts';
import { quoteString } from '../../plane/tokens.ts';
import { type Call, type Operation, paginate } from '../../service.ts';
import { invalid, loginOf, type Where, warehouseOf } from './login.ts';

interface Paged {
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
}

export function listingOperations(plane: DataPlane) {
  const query = async (call: Call, input: Where, sql: string): Promise<readonly (readonly (string | null)[])[]> => {
    const login = loginOf(call, plane, warehouseOf(call, input), input);
    try {
      return (await plane.execute(call, login.open(), sql)).rows;
    } catch (error) {
      throw error instanceof SqlError ? invalid(error.text) : error;
    }
  };
  const page = <T>(items: readonly T[], { MaxResults = 60, NextToken }: Paged) =>
    paginate(items, NextToken, MaxResults, () => invalid('The pagination token is not valid.'));
  const next = (nextToken: string | undefined) => (nextToken === undefined ? {} : { NextToken: nextToken });
  const like = (column: string, pattern: string | undefined) =>
    pattern === undefined ? '' : ` AND ${column} LIKE ${quoteString(pattern)}`;

  const listDatabases: Operation<Checked<ListDatabasesRequest>, ListDatabasesResponse> = async (input, call) => {
    const rows = await query(call, input, 'SELECT database_name FROM svv_redshift_databases ORDER BY 1');
    const { items, nextToken } = page(
      rows.map(([name]) => name ?? ''),
      input,
    );
    return { Databases: items, ...next(nextToken) };
  };
  const listSchemas: Operation<Checked<ListSchemasRequest>, ListSchemasResponse> = async (input, call) => {
    const database = quoteString(input.ConnectedDatabase ?? input.Database);
    const rows = await query(
      call,
      input,
      `SELECT schema_name FROM svv_all_schemas WHERE database_name = ${database}${like('schema_name', input.SchemaPattern)} ORDER BY 1`,
    );
    const { items, nextToken } = page(
      rows.map(([name]) => name ?? ''),
      input,
    );
    return { Schemas: items, ...next(nextToken) };
  };
  const listTables: Operation<Checked<ListTablesRequest>, ListTablesResponse> = async (input, call) => {
    const database = quoteString(input.ConnectedDatabase ?? input.Database);
    const sql = `SELECT schema_name, table_name, table_type FROM svv_all_tables WHERE database_name = ${database}${like('schema_name', input.SchemaPattern)}${like('table_name', input.TablePattern)} ORDER BY 1, 2`;
    const { items, nextToken } = page(await query(call, input, sql), input);
    return {
      Tables: items.map(([schema, name, type]) => ({ schema: schema ?? '', name: name ?? '', type: type ?? '' })),
      ...next(nextToken),
    };
  };
  const describeTable: Operation<Checked<DescribeTableRequest>, DescribeTableResponse> = async (input, call) => {
    const [database, schema, table] = [
      input.ConnectedDatabase ?? input.Database,
      input.Schema ?? 'public',
      input.Table ?? '',
    ].map(quoteString);
    const sql = `SELECT column_name, data_type, is_nullable FROM svv_all_columns WHERE database_name = ${database} AND schema_name = ${schema} AND table_name = ${table} ORDER BY ordinal_position`;
    const { items, nextToken } = page(await query(call, input, sql), input);
    const columns = items.map(([name, typeName, nullable]) => ({
      name: name ?? '',
      typeName: typeName ?? '',
      nullable: nullable === 'YES' ? 1 : 0,
      schemaName: input.Schema ?? 'public',
      tableName: input.Table ?? '',
    }));
    return { TableName: input.Table ?? '', ColumnList: columns, ...next(nextToken) };
  };
  return {
    ListDatabases: listDatabases,
    ListSchemas: listSchemas,
    ListTables: listTables,
    DescribeTable: describeTable,
  };
}

/** ListDatabases, ListSchemas, ListTables, DescribeTable: the catalog without SQL of the caller's own. */
import type {
  ColumnMetadata,
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
import { ApiError, type Call, type Operation } from '../../service.ts';
import { invalid, loginOf, type Where, warehouseOf } from './login.ts';
import { pageOf } from './paging.ts';
import { shortTypeName } from './results.ts';
import { putDown } from './warehouse-life.ts';

type Rows = readonly (readonly (string | null)[])[];
type Query = (call: Call, input: Where & { ConnectedDatabase?: string | undefined }, sql: string) => Promise<Rows>;

export function listingOperations(plane: DataPlane) {
  /** F-465: connects to `ConnectedDatabase`, or else to the database that is asked about. */
  const query: Query = async (call, input, sql) => {
    const warehouse = warehouseOf(call, input);
    const Database = input.ConnectedDatabase ?? input.Database;
    const login = loginOf(call, plane, warehouse, { ...input, Database });
    const work = {
      database: login.database,
      startedAt: call.now,
      endsAt: call.now,
      succeeded: 1,
      failed: 0,
      connections: 1,
    };
    putDown(call, warehouse, work);
    try {
      return (await plane.execute(call, login.open(), sql)).rows;
    } catch (error) {
      throw error instanceof SqlError ? refusal(error) : error;
    }
  };
  return {
    ListDatabases: listDatabases(query),
    ListSchemas: listSchemas(query),
    ListTables: listTables(query),
    DescribeTable: describeTable(query),
  };
}

const refusal = ({ severity, text }: SqlError) =>
  severity === 'FATAL' ? new ApiError('DatabaseConnectionException', text, { status: 500 }) : invalid(text);

/** A name as the catalog has it, as a literal. */
const literal = (name: string) => quoteString(name.toLowerCase());
const like = (column: string, pattern: string | undefined) =>
  pattern === undefined ? '' : ` AND ${column} LIKE ${quoteString(pattern)}`;

const listDatabases =
  (query: Query): Operation<Checked<ListDatabasesRequest>, ListDatabasesResponse> =>
  async (input, call) => {
    const rows = await query(call, input, 'SELECT database_name FROM svv_redshift_databases ORDER BY 1');
    const { items, next } = pageOf(call, rows, input);
    return { Databases: items.map(([name]) => name ?? ''), ...next };
  };

const listSchemas =
  (query: Query): Operation<Checked<ListSchemasRequest>, ListSchemasResponse> =>
  async (input, call) => {
    const rows = await query(
      call,
      input,
      `SELECT schema_name FROM svv_all_schemas WHERE database_name = ${literal(input.Database)}` +
        `${like('schema_name', input.SchemaPattern)} ORDER BY 1`,
    );
    const { items, next } = pageOf(call, rows, input);
    return { Schemas: items.map(([name]) => name ?? ''), ...next };
  };

const listTables =
  (query: Query): Operation<Checked<ListTablesRequest>, ListTablesResponse> =>
  async (input, call) => {
    const rows = await query(
      call,
      input,
      `SELECT schema_name, table_name, table_type FROM svv_all_tables WHERE database_name = ${literal(input.Database)}` +
        `${like('schema_name', input.SchemaPattern)}${like('table_name', input.TablePattern)} ORDER BY 1, 2`,
    );
    const { items, next } = pageOf(call, rows, input);
    const tables = items.map(([schema, name, type]) => ({ schema: schema ?? '', name: name ?? '', type: type ?? '' }));
    return { Tables: tables, ...next };
  };

const describeTable =
  (query: Query): Operation<Checked<DescribeTableRequest>, DescribeTableResponse> =>
  async (input, call) => {
    const { Database, Schema = 'public', Table } = input;
    if (Table === undefined) throw invalid('Table must be specified.');
    const rows = await query(
      call,
      input,
      'SELECT column_name, data_type, is_nullable, character_maximum_length, numeric_precision, numeric_scale ' +
        `FROM svv_all_columns WHERE database_name = ${literal(Database)} ` +
        `AND schema_name = ${literal(Schema)} AND table_name = ${literal(Table)} ORDER BY ordinal_position`,
    );
    const { items, next } = pageOf(call, rows, input);
    return { TableName: Table, ColumnList: items.map((row) => columnOf(Schema, Table, row)), ...next };
  };

function columnOf(schemaName: string, tableName: string, row: Rows[number]): ColumnMetadata {
  const [name, type, nullable, length, precision, scale] = row;
  return {
    name: name ?? '',
    label: name ?? '',
    typeName: shortTypeName(type ?? ''),
    nullable: nullable === 'YES' ? 1 : 0,
    length: Number(length ?? 0),
    precision: Number(precision ?? length ?? 0),
    scale: Number(scale ?? 0),
    schemaName,
    tableName,
  };
}

/** Results as the Data API gives them: typed fields, column metadata, pages (F-452). */
import type { ColumnMetadata, Field } from '@aws-sdk/client-redshift-data';
import type { Column, Outcome } from './state.ts';

type Row = Outcome['rows'][number];

/** Postgres type number → the name that Redshift's metadata uses, and which field carries it. */
const types: Readonly<Record<number, readonly [name: string, field: 'longValue' | 'doubleValue' | 'booleanValue']>> = {
  16: ['bool', 'booleanValue'],
  20: ['int8', 'longValue'],
  21: ['int2', 'longValue'],
  23: ['int4', 'longValue'],
  26: ['oid', 'longValue'],
  700: ['float4', 'doubleValue'],
  701: ['float8', 'doubleValue'],
};

const textTypes: Readonly<Record<number, string>> = {
  18: 'char',
  19: 'name',
  25: 'varchar',
  1042: 'bpchar',
  1043: 'varchar',
  1082: 'date',
  1083: 'time',
  1114: 'timestamp',
  1184: 'timestamptz',
  1700: 'numeric',
};

/** Names of types as the catalog's views write them → as the Data API does. */
const shortNames: Readonly<Record<string, string>> = {
  boolean: 'bool',
  smallint: 'int2',
  integer: 'int4',
  bigint: 'int8',
  real: 'float4',
  'double precision': 'float8',
  character: 'bpchar',
  'character varying': 'varchar',
  text: 'varchar',
  'time without time zone': 'time',
  'timestamp without time zone': 'timestamp',
  'timestamp with time zone': 'timestamptz',
};

export const shortTypeName = (name: string) => shortNames[name] ?? name;

/** NUMERIC and times arrive as text. */
export function fieldOf(value: string | null, { type }: Column): Field {
  if (value === null) return { isNull: true };
  switch (types[type]?.[1]) {
    case 'longValue':
      return { longValue: Number(value) };
    case 'doubleValue':
      return { doubleValue: Number(value) };
    case 'booleanValue':
      return { booleanValue: value === 't' || value === 'true' };
    default:
      return { stringValue: value };
  }
}

export function metadataOf({ name, type, modifier }: Column): ColumnMetadata {
  const numeric = type === 1700 && modifier > 4;
  const length = (type === 1042 || type === 1043) && modifier > 4 ? modifier - 4 : 0;
  return {
    name,
    label: name,
    typeName: types[type]?.[0] ?? textTypes[type] ?? 'varchar',
    nullable: 1,
    columnDefault: '',
    isCaseSensitive: types[type] === undefined,
    isCurrency: false,
    isSigned: types[type]?.[1] === 'longValue' || types[type]?.[1] === 'doubleValue' || type === 1700,
    length,
    precision: numeric ? ((modifier - 4) >> 16) & 65_535 : length,
    scale: numeric ? (modifier - 4) & 65_535 : 0,
    schemaName: '',
    tableName: '',
  };
}

const rowSize = (row: Row) => row.reduce((sum, value) => sum + (value === null ? 0 : Buffer.byteLength(value)), 0);

/** Bytes of a result: those of its values. */
export const sizeOf = ({ rows }: Outcome) => rows.reduce((sum, row) => sum + rowSize(row), 0);

/** AWS cuts by size and names no figure (F-462). */
const pageBytes = 1_000_000;

/** A result in pages of about a megabyte each, a row at least; one empty page when there are no rows. */
export function pagesOf({ rows }: Outcome): readonly (readonly Row[])[] {
  const pages: Row[][] = [[]];
  let size = 0;
  for (const row of rows) {
    const bytes = rowSize(row);
    if (size > 0 && size + bytes > pageBytes) {
      pages.push([]);
      size = 0;
    }
    pages.at(-1)?.push(row);
    size += bytes;
  }
  return pages;
}

/** Rows as CSV; `header` puts the names of the columns before them. */
export function csvOf({ columns }: Outcome, rows: readonly Row[], header: boolean): string {
  const cell = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const lines = rows.map((row) => row.map((value) => (value === null ? '' : cell(value))).join(','));
  return [...(header ? [columns.map(({ name }) => cell(name)).join(',')] : []), ...lines].join('\n');
}

/** Results as the Data API gives them: typed fields, column metadata, pages. */
import type { ColumnMetadata, Field } from '@aws-sdk/client-redshift-data';
import type { Column, Outcome } from './state.ts';

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

/** NUMERIC and times arrive as text (F-452). */
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

/** Bytes of one row, roughly as AWS counts a result. */
export const sizeOf = ({ rows }: Outcome) =>
  rows.reduce((sum, row) => sum + row.reduce((total, value) => total + (value?.length ?? 0), 0), 0);

/** Rows as CSV, the first line with the names of the columns. */
export function csvOf({ columns, rows }: Outcome): string {
  const cell = (text: string) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const lines = rows.map((row) => row.map((value) => (value === null ? '' : cell(value))).join(','));
  return [columns.map(({ name }) => cell(name)).join(','), ...lines].join('\n');
}

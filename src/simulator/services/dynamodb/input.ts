/** Reading the JSON that a caller sent, with DynamoDB's complaints about what is wrong with it. */
import { ApiError } from '../../service.ts';
import type { Place } from '../../world.ts';
import type { Json } from './engine.ts';
import { type TableRecord, tablesOf } from './state.ts';

export const invalid = (message: string) => new ApiError('ValidationException', message);
export const inUse = (message: string) => new ApiError('ResourceInUseException', message);
export const tableMissing = (name: string) =>
  new ApiError('ResourceNotFoundException', `Requested resource not found: Table: ${name} not found`);

/** A required string. */
export function textOf(input: Json, member: string): string {
  const value = input[member];
  if (typeof value === 'string') return value;
  if (value !== undefined) throw new ApiError('SerializationException', `${member} must be a string`);
  throw violated('null', member, 'Member must not be null');
}

/** The table that a request names, by name or by ARN. */
export function tableNameOf(input: Json): string {
  const given = textOf(input, 'TableName');
  const name = given.startsWith('arn:') ? given.slice(given.lastIndexOf('/') + 1) : given;
  if (!/^[a-zA-Z0-9_.-]+$/.test(name)) {
    throw violated(`'${name}'`, 'TableName', 'Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+');
  }
  if (name.length < 3 || name.length > 255) {
    throw invalid('TableName must be at least 3 characters long and at most 255 characters long');
  }
  return name;
}

export function violated(value: string, member: string, constraint: string): ApiError {
  const path = member.charAt(0).toLowerCase() + member.slice(1);
  return invalid(
    `1 validation error detected: Value ${value} at '${path}' failed to satisfy constraint: ${constraint}`,
  );
}

/** The table that a request names, whatever its state, once DescribeTable sees it. */
export function namedTable(input: Json, place: Place): TableRecord {
  const name = tableNameOf(input);
  const table = tablesOf(place)[name];
  if (!table || place.now < table.visibleAt) throw tableMissing(name);
  return table;
}

/** An optional structure. */
export function structureOf(input: Json, member: string): Json | undefined {
  const value = input[member];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw new ApiError('SerializationException', `${member} must be a structure`);
  }
  return value as Json;
}

/** An optional list of structures. */
export function structuresOf(input: Json, member: string): Json[] | undefined {
  const value = input[member];
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) throw new ApiError('SerializationException', `${member} must be a list`);
  return value as Json[];
}

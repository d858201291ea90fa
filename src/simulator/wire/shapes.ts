/**
 * A thin view of the runtime schemas that the SDK's client packages export: the members of a structure with what the
 * protocols need of them, computed once per schema.
 */
import { NormalizedSchema } from '@smithy/core/schema';

export type Shape = NormalizedSchema;

export interface Member {
  readonly name: string;
  readonly shape: Shape;
  /** The first `requiredCount` members of a structure are its required ones; the schema says nothing else about it. */
  readonly required: boolean;
}

/** Formats of a timestamp, as the schemas number them. */
export const timestampFormats = { default: 4, dateTime: 5, httpDate: 6, epochSeconds: 7 } as const;

const memberCache = new WeakMap<object, readonly Member[]>();
const REQUIRED_COUNT = 6;

export function membersOf(structure: Shape): readonly Member[] {
  const schema: unknown = structure.getSchema();
  if (typeof schema !== 'object' || schema === null) return [];
  const known = memberCache.get(schema);
  if (known) return known;
  const requiredCount = Array.isArray(schema) ? Number(schema[REQUIRED_COUNT] ?? 0) : 0;
  const members = [...structure.structIterator()].map(([name, shape], index) => ({
    name,
    shape,
    required: index < requiredCount,
  }));
  memberCache.set(schema, members);
  return members;
}

/** The timestamp format that the member asks for, or the protocol's own. */
export function timestampFormat(shape: Shape, protocolDefault: number): number {
  const schema: unknown = shape.getSchema();
  return typeof schema === 'number' && schema !== timestampFormats.default ? schema : protocolDefault;
}

/** Whether `null` items of a list or map count as values. */
export function isSparse(shape: Shape): boolean {
  return Boolean(shape.getMergedTraits().sparse);
}

export function shapeOf(reference: unknown): Shape {
  // The client packages type their schemas as tuples that the normaliser takes as they are.
  return NormalizedSchema.of(reference as Parameters<typeof NormalizedSchema.of>[0]);
}

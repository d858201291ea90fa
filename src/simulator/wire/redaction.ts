/** Inputs for the request log, without what the model calls sensitive. */
import { membersOf, type Shape } from './shapes.ts';

const REDACTED = '(redacted)';

/** A copy of `value` in which every member with the `sensitive` trait is replaced; blobs and dates become text. */
export function redact(shape: Shape, value: unknown): unknown {
  if (value === undefined || value === null) return value;
  if (shape.getMergedTraits().sensitive) return REDACTED;
  if (shape.isStructSchema()) return redactMembers(shape, value as Record<string, unknown>);
  if (shape.isListSchema()) return (value as readonly unknown[]).map((item) => redact(shape.getValueSchema(), item));
  if (shape.isMapSchema()) return redactEntries(shape, value as Record<string, unknown>);
  if (value instanceof Uint8Array) return `(${value.length} bytes)`;
  return value instanceof Date ? value.toISOString() : value;
}

function redactMembers(shape: Shape, source: Record<string, unknown>): unknown {
  const known = membersOf(shape).filter(({ name }) => source[name] !== undefined);
  return Object.fromEntries(known.map((member) => [member.name, redact(member.shape, source[member.name])]));
}

function redactEntries(shape: Shape, source: Record<string, unknown>): unknown {
  const valueShape = shape.getValueSchema();
  return Object.fromEntries(Object.entries(source).map(([key, item]) => [key, redact(valueShape, item)]));
}

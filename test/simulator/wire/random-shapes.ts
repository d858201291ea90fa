/** Random values for any schema of the SDK's clients, from a seed, so that a failure can be run again. */
import { seededRandom } from '../../../src/shared/random.ts';
import { membersOf, type Shape, timestampFormat } from '../../../src/simulator/wire/shapes.ts';

export interface Limits {
  /** Lists, maps and structures without content have no form in some protocols. */
  readonly allowEmpty: boolean;
  /** Some forms have no fraction of a second. */
  readonly stepMs: number;
}

export interface ShapeGenerator {
  value(shape: Shape, depth?: number): unknown;
  text(): string;
}

const EPOCH_SECONDS = 7;
const HTTP_DATE = 6;
const DEEP = 4;
const texts = [
  'a',
  'Zürich',
  '<&>"\'',
  'a b',
  'x=1&y=2',
  '日本語',
  '😀',
  'line\nbreak',
  'tab\there',
  'arn:aws:x',
  '0',
  'true',
];

export function shapeGenerator(seed: number, limits: Limits): ShapeGenerator {
  const random = seededRandom(seed);
  const below = (limit: number) => Math.floor(random.next() * limit);
  const text = () => `${texts[below(texts.length)]}${below(1000)}`;

  function value(shape: Shape, depth = 0): unknown {
    if (shape.isUnitSchema()) return undefined;
    if (shape.isUnionSchema()) return union(shape, depth);
    if (shape.isStructSchema()) return structure(shape, depth);
    if (shape.isListSchema()) return list(shape, depth);
    if (shape.isMapSchema()) return map(shape, depth);
    return leaf(shape);
  }

  function structure(shape: Shape, depth: number): unknown {
    const result: Record<string, unknown> = {};
    for (const member of membersOf(shape)) {
      const nested = member.shape.isStructSchema() || member.shape.isListSchema() || member.shape.isMapSchema();
      const wanted = member.required || (random.next() < 0.6 && !(nested && depth >= DEEP));
      const made = wanted ? value(member.shape, depth + 1) : undefined;
      if (made !== undefined) result[member.name] = made;
    }
    const tokens = membersOf(shape).filter((member) => member.shape.isIdempotencyToken());
    for (const token of tokens) result[token.name] ??= random.uuid();
    return Object.keys(result).length > 0 || limits.allowEmpty || depth === 0 ? result : undefined;
  }

  function union(shape: Shape, depth: number): unknown {
    const members = membersOf(shape);
    const simple = members.filter(
      ({ shape: member }) => !member.isStructSchema() && !member.isListSchema() && !member.isMapSchema(),
    );
    const choices = depth >= DEEP && simple.length > 0 ? simple : members;
    const chosen = choices[below(choices.length)];
    return chosen ? { [chosen.name]: value(chosen.shape, depth + 1) } : {};
  }

  function list(shape: Shape, depth: number): unknown {
    const length = limits.allowEmpty ? below(3) : 1 + below(2);
    const items = Array.from({ length }, () => value(shape.getValueSchema(), depth + 1)).filter(
      (item) => item !== undefined,
    );
    return items.length > 0 || limits.allowEmpty ? items : undefined;
  }

  function map(shape: Shape, depth: number): unknown {
    const length = limits.allowEmpty ? below(3) : 1 + below(2);
    const entries = Array.from({ length }, () => [text(), value(shape.getValueSchema(), depth + 1)] as const);
    const present = entries.filter(([, item]) => item !== undefined);
    return present.length > 0 || limits.allowEmpty ? Object.fromEntries(present) : undefined;
  }

  function leaf(shape: Shape): unknown {
    if (shape.isTimestampSchema()) return timestamp(shape);
    if (shape.isBlobSchema()) return Uint8Array.from({ length: 1 + below(8) }, () => below(256));
    if (shape.isBooleanSchema()) return random.next() < 0.5;
    if (shape.isDocumentSchema()) return { [text()]: [1, text(), true] };
    if (shape.isStringSchema()) return text();
    return random.next() < 0.8 ? below(100_000) : below(1000) + 0.5;
  }

  function timestamp(shape: Shape): Date {
    const format = timestampFormat(shape, EPOCH_SECONDS);
    const step = format === HTTP_DATE ? 1000 : limits.stepMs;
    return new Date(1_700_000_000_000 + below(100_000_000) * step);
  }

  return { value, text };
}

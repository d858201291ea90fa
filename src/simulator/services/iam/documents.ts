/** The shape that all policy documents share, whichever service they belong to. */

export type Statement = Readonly<Record<string, unknown>>;

export interface PolicyDocument {
  readonly version: unknown;
  readonly statements: readonly Statement[];
}

/** What a document says; `undefined` where it isn't JSON; without a proper Statement its list is empty. */
export function readDocument(document: string): PolicyDocument | undefined {
  const parsed = parse(document);
  if (!isRecord(parsed)) return parsed === undefined ? undefined : { version: undefined, statements: [] };
  const statements = asList(parsed.Statement);
  return { version: parsed.Version, statements: statements.every(isRecord) ? statements : [] };
}

function parse(document: string): unknown {
  try {
    return JSON.parse(document);
  } catch {
    return undefined;
  }
}

/** Members that hold one or several: `"Action": "s3:*"` is `"Action": ["s3:*"]`. */
export const asList = (value: unknown): unknown[] =>
  Array.isArray(value) ? value : value === undefined ? [] : [value];

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

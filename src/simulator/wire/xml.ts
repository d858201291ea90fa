/** Writing the SDK's output shapes as XML, for the query protocols. */
import { toBytes, toDate } from './document.ts';
import { membersOf, type Shape, timestampFormat, timestampFormats } from './shapes.ts';

/** `<name>…</name>` for `value`, or nothing where it is absent. */
export function xmlElement(name: string, shape: Shape, value: unknown): string {
  if (value === null || value === undefined) return '';
  if (shape.isListSchema()) return xmlList(name, shape, value as readonly unknown[]);
  if (shape.isMapSchema()) return xmlMap(name, shape, value as Record<string, unknown>);
  const content = shape.isStructSchema()
    ? xmlMembers(shape, value as Record<string, unknown>)
    : escapeXml(xmlLeaf(shape, value));
  return `<${name}>${content}</${name}>`;
}

/** The members of a structure, without an element around them. */
export function xmlMembers(shape: Shape, value: Readonly<Record<string, unknown>>): string {
  let text = '';
  for (const member of membersOf(shape)) {
    const name = member.shape.getMemberTraits().xmlName ?? member.name;
    text += xmlElement(name, member.shape, value[member.name]);
  }
  return text;
}

function xmlList(name: string, shape: Shape, items: readonly unknown[]): string {
  const itemShape = shape.getValueSchema();
  if (shape.getMergedTraits().xmlFlattened) return items.map((item) => xmlElement(name, itemShape, item)).join('');
  const itemName = itemShape.getMergedTraits().xmlName ?? 'member';
  return `<${name}>${items.map((item) => xmlElement(itemName, itemShape, item)).join('')}</${name}>`;
}

function xmlMap(name: string, shape: Shape, source: Record<string, unknown>): string {
  const keyShape = shape.getKeySchema();
  const valueShape = shape.getValueSchema();
  const keyName = keyShape.getMergedTraits().xmlName ?? 'key';
  const valueName = valueShape.getMergedTraits().xmlName ?? 'value';
  const flat = Boolean(shape.getMergedTraits().xmlFlattened);
  const entryName = flat ? name : 'entry';
  const entries = Object.entries(source)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([key, value]) => xmlElement(keyName, keyShape, key) + xmlElement(valueName, valueShape, value))
    .map((entry) => `<${entryName}>${entry}</${entryName}>`)
    .join('');
  return flat ? entries : `<${name}>${entries}</${name}>`;
}

function xmlLeaf(shape: Shape, value: unknown): string {
  if (shape.isTimestampSchema()) return xmlTimestamp(shape, toDate(value));
  if (shape.isBlobSchema()) return Buffer.from(toBytes(value)).toString('base64');
  return String(value);
}

function xmlTimestamp(shape: Shape, value: Date): string {
  const format = timestampFormat(shape, timestampFormats.dateTime);
  if (format === timestampFormats.epochSeconds) return String(value.getTime() / 1000);
  return format === timestampFormats.httpDate ? value.toUTCString() : value.toISOString();
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\r': '&#xD;',
};

// XML 1.0 has no form at all for most control characters: AWS, too, leaves them out (F-8).
const unprintable = /(?![\t\n\r\u007f-\u009f])[\p{Cc}\ufffe\uffff]/gu;

export const escapeXml = (text: string): string =>
  text.replace(unprintable, '').replace(/[&<>"'\r]/g, (character) => entities[character] ?? '');

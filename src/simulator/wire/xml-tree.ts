/** Reading XML bodies into the SDK's input shapes: no more of XML than what AWS's clients write. */
import { ApiError } from '../service.ts';
import { membersOf, type Shape } from './shapes.ts';

export interface XmlElement {
  readonly name: string;
  readonly children: XmlElement[];
  text: string;
}

const malformed = () =>
  new ApiError(
    'MalformedXML',
    'The XML you provided was not well-formed or did not validate against our published schema',
  );

// A tag, or the text up to the next one. Attributes are namespaces only; declarations and comments are passed over.
const token = /<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<(\/?)(?:[\w-]+:)?([\w.-]+)(?:\s[^>]*?)?(\/?)>|([^<]+)/gy;

/** The root element. Throws MalformedXML. */
export function parseXml(text: string): XmlElement {
  const top: XmlElement = { name: '', children: [], text: '' };
  const open = [top];
  let read = 0;
  for (const match of text.matchAll(token)) {
    const [whole, closing, name, empty, characters] = match;
    read += whole.length;
    const parent = open.at(-1) ?? top;
    if (characters !== undefined) parent.text += unescapeXml(characters);
    else if (closing === '/') {
      if (parent.name !== name || open.length === 1) throw malformed();
      open.pop();
    } else if (name !== undefined) {
      const element: XmlElement = { name, children: [], text: '' };
      parent.children.push(element);
      if (empty !== '/') open.push(element);
    }
  }
  const [root, second] = top.children;
  if (read !== text.length || open.length !== 1 || root === undefined || second !== undefined) throw malformed();
  return root;
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

const unescapeXml = (text: string) =>
  text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    return entities[name] ?? whole;
  });

/** The element's content as the shape has it. Elements that the shape doesn't know are ignored. */
export function readXml(shape: Shape, element: XmlElement): unknown {
  if (shape.isStructSchema()) return readStructure(shape, element);
  if (shape.isListSchema()) return element.children.map((child) => readXml(shape.getValueSchema(), child));
  return readText(shape, element.text.trim() === '' ? element.text.trim() : element.text);
}

function readStructure(shape: Shape, element: XmlElement): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const { name, shape: member } of membersOf(shape)) {
    const { xmlName, xmlFlattened } = member.getMergedTraits();
    const found = element.children.filter((child) => child.name === (xmlName ?? name));
    const [first] = found;
    if (first === undefined) continue;
    result[name] = xmlFlattened
      ? found.map((child) => readXml(member.getValueSchema(), child))
      : readXml(member, first);
  }
  return result;
}

/** A leaf from text, as it stands in elements, headers and query strings alike. */
export function readText(shape: Shape, text: string): unknown {
  if (shape.isBooleanSchema()) return text.toLowerCase() === 'true';
  if (shape.isNumericSchema()) return Number.isNaN(Number(text)) ? raise(malformed()) : Number(text);
  if (shape.isTimestampSchema()) {
    const date = new Date(/^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : text);
    return Number.isNaN(date.getTime()) ? raise(malformed()) : date;
  }
  if (shape.isBlobSchema()) return Buffer.from(text, 'base64');
  return text;
}

function raise(error: Error): never {
  throw error;
}

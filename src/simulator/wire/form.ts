/**
 * The request form of the query protocols: `TagSpecification.1.Tag.2.Key=…` read into a tree, and from the tree into
 * the SDK's input shape. Which parameters were used is remembered, because EC2 refuses the ones it doesn't know.
 */
import { ApiError } from '../service.ts';
import { membersOf, type Shape } from './shapes.ts';

/** `ec2` capitalises names and numbers list items directly; `query` puts `member`, or the item's name, between. */
export type FormStyle = 'query' | 'ec2';

export interface FormNode {
  readonly children: Map<string, FormNode>;
  /** The whole parameter name up to here. */
  readonly path: string;
  value: string | undefined;
  used: boolean;
}

const newNode = (path: string): FormNode => ({ children: new Map(), path, value: undefined, used: false });

export function formTree(parameters: URLSearchParams): FormNode {
  const root = newNode('');
  for (const [name, value] of parameters) {
    let node = root;
    for (const part of name.split('.')) node = childOf(node, part);
    node.value = value;
  }
  return root;
}

function childOf(node: FormNode, part: string): FormNode {
  const known = node.children.get(part);
  if (known) return known;
  const child = newNode(node.path === '' ? part : `${node.path}.${part}`);
  node.children.set(part, child);
  return child;
}

/** The first parameter that no member of the input took. */
export function unusedParameter(node: FormNode): string | undefined {
  if (node.value !== undefined && !node.used) return node.path;
  for (const child of node.children.values()) {
    const unused = unusedParameter(child);
    if (unused !== undefined) return unused;
  }
  return undefined;
}

export function readForm(shape: Shape, node: FormNode, style: FormStyle): unknown {
  node.used = true;
  if (shape.isUnitSchema()) return {};
  if (shape.isStructSchema()) return readStructure(shape, node, style);
  if (shape.isListSchema()) return readList(shape, node, style);
  if (shape.isMapSchema()) return readMap(shape, node, style);
  return readLeaf(shape, node, style);
}

function readStructure(shape: Shape, node: FormNode, style: FormStyle): unknown {
  const result: Record<string, unknown> = {};
  for (const member of membersOf(shape)) {
    const child = node.children.get(parameterName(member.shape, member.name, style));
    if (child) result[member.name] = readForm(member.shape, child, style);
  }
  return result;
}

/** EC2's own name for a parameter, else the XML name, capitalised for EC2 (F-5). */
export function parameterName(shape: Shape, memberName: string, style: FormStyle): string {
  const { xmlName, ec2QueryName } = shape.getMergedTraits();
  if (style === 'ec2' && ec2QueryName) return String(ec2QueryName);
  const name = String(xmlName ?? memberName);
  return style === 'ec2' ? name.charAt(0).toUpperCase() + name.slice(1) : name;
}

function readList(shape: Shape, node: FormNode, style: FormStyle): unknown {
  const itemShape = shape.getValueSchema();
  return numbered(listHolder(shape, node)).map((item) => readForm(itemShape, item, style));
}

// `X.1` where lists are flat, `X.member.1` or `X.<item name>.1` elsewhere; whichever the client sent (F-5).
function listHolder(shape: Shape, node: FormNode): FormNode {
  const itemName = shape.getValueSchema().getMergedTraits().xmlName ?? 'member';
  const holder = node.children.get(itemName) ?? node.children.get('member') ?? node;
  holder.used = true;
  return holder;
}

function readMap(shape: Shape, node: FormNode, style: FormStyle): unknown {
  const keyName = shape.getKeySchema().getMergedTraits().xmlName ?? 'key';
  const valueName = shape.getValueSchema().getMergedTraits().xmlName ?? 'value';
  const result: Record<string, unknown> = {};
  for (const entry of numbered(node.children.get('entry') ?? node)) {
    const key = entry.children.get(keyName);
    const value = entry.children.get(valueName);
    if (key?.value === undefined || value === undefined) continue;
    key.used = true;
    result[key.value] = readForm(shape.getValueSchema(), value, style);
  }
  return result;
}

const numbered = (node: FormNode): FormNode[] =>
  [...node.children]
    .filter(([name]) => /^\d+$/.test(name))
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, child]) => child);

function readLeaf(shape: Shape, node: FormNode, style: FormStyle): unknown {
  const text = node.value ?? '';
  if (shape.isBooleanSchema()) return readBoolean(text) ?? malformed(node, style, 'boolean');
  if (shape.isTimestampSchema()) return readTimestamp(text) ?? malformed(node, style, 'timestamp');
  if (shape.isBlobSchema()) return new Uint8Array(Buffer.from(text, 'base64'));
  if (shape.isNumericSchema()) return readNumber(text) ?? malformed(node, style, 'number');
  return text;
}

function readBoolean(text: string): boolean | undefined {
  const lower = text.toLowerCase();
  return lower === 'true' || lower === 'false' ? lower === 'true' : undefined;
}

function readNumber(text: string): number | undefined {
  const value = Number(text);
  return text.trim() === '' || (Number.isNaN(value) && text !== 'NaN') ? undefined : value;
}

function readTimestamp(text: string): Date | undefined {
  const date = /^\d+(\.\d+)?$/.test(text) ? new Date(Number(text) * 1000) : new Date(text);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** A parameter whose text is not of its type (F-15). */
function malformed(node: FormNode, style: FormStyle, type: string): never {
  const code = style === 'ec2' ? 'InvalidParameterValue' : 'MalformedInput';
  throw new ApiError(code, `Value (${node.value ?? ''}) for parameter ${node.path} is invalid: it is not a ${type}`);
}

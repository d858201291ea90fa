/** Changing one value in the text of a YAML file, and nothing else: no comment, blank line or quote is touched. */
import type * as Yaml from 'yaml';

/** Sets one value by changing nothing else of the text. */
export function setValue(yaml: typeof Yaml, text: string, path: readonly string[], value: string): string {
  const document = yaml.parseDocument(text);
  const existing = document.getIn(path, true);
  if (yaml.isNode(existing) && existing.range && existing.range[1] > existing.range[0]) {
    const [start, end] = existing.range;
    return splice(text, start, start + text.slice(start, end).trimEnd().length, value);
  }
  for (let depth = path.length - 1; depth >= 0; depth--) {
    const above = depth === 0 ? document.contents : document.getIn(path.slice(0, depth), true);
    if (yaml.isMap(above) && above.items.length > 0) return insert(yaml, text, above, path.slice(depth), value);
    if (depth > 0 && document.hasIn(path.slice(0, depth))) return fill(yaml, text, document, path, depth, value);
  }
  return `${text}${nested(path, value, '', newline(text))}${newline(text)}`;
}

/** Adds the rest of a path to a map that has something in it, in its own style. */
function insert(yaml: typeof Yaml, text: string, map: Yaml.YAMLMap, path: readonly string[], value: string): string {
  const start = map.range?.[0] ?? 0;
  if (map.flow) return splice(text, start + 1, start + 1, ` ${flow(path, value)},`);
  if (path.length > 1) return append(yaml, text, map, path, value);
  const indent = text.slice(text.lastIndexOf('\n', start - 1) + 1, start);
  return splice(
    text,
    start,
    start,
    `${nested(path, value, indent, newline(text)).trimStart()}${newline(text)}${indent}`,
  );
}

/** A whole section goes to the end of the map: before the first key it would come between that and its comment. */
function append(yaml: typeof Yaml, text: string, map: Yaml.YAMLMap, path: readonly string[], value: string): string {
  const start = map.range?.[0] ?? 0;
  const indent = text.slice(text.lastIndexOf('\n', start - 1) + 1, start);
  const last = map.items.at(-1)?.value;
  const end = yaml.isNode(last) && last.range ? last.range[1] : (map.range?.[1] ?? text.length);
  const lineEnd = text.indexOf('\n', Math.max(0, end - 1));
  const at = lineEnd === -1 ? text.length : lineEnd + 1;
  const lead = lineEnd === -1 ? newline(text) : '';
  return splice(text, at, at, `${lead}${nested(path, value, indent, newline(text))}${newline(text)}`);
}

/** Gives a section that is there but empty (`prod:` or `prod: {}`) its content. */
function fill(
  yaml: typeof Yaml,
  text: string,
  document: Yaml.Document,
  path: readonly string[],
  depth: number,
  value: string,
): string {
  const node = document.getIn(path.slice(0, depth), true);
  const content = `{ ${flow(path.slice(depth), value)} }`;
  if (yaml.isNode(node) && node.range && node.range[1] > node.range[0])
    return splice(text, node.range[0], node.range[1], content);
  const parent: unknown = depth === 1 ? document.contents : document.getIn(path.slice(0, depth - 1), true);
  const pair = yaml.isMap(parent)
    ? parent.items.find(({ key }) => yaml.isScalar(key) && key.value === path[depth - 1])
    : undefined;
  const key = pair?.key;
  const end = yaml.isNode(key) && key.range ? key.range[1] : text.length;
  const colon = text.indexOf(':', end) + 1;
  return splice(text, colon, colon, ` ${content}`);
}

const splice = (text: string, from: number, to: number, replacement: string): string =>
  text.slice(0, from) + replacement + text.slice(to);

const newline = (text: string): string => (text.includes('\r\n') ? '\r\n' : '\n');

const flow = ([key = '', ...more]: readonly string[], value: string): string =>
  more.length === 0 ? `${key}: ${value}` : `${key}: { ${flow(more, value)} }`;

const nested = ([key = '', ...more]: readonly string[], value: string, indent: string, eol: string): string =>
  more.length === 0 ? `${indent}${key}: ${value}` : `${indent}${key}:${eol}${nested(more, value, `${indent}  `, eol)}`;

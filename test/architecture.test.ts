/**
 * The architecture's rules, checked on the imports themselves:
 *   A1. folders import only in the directions of `allowed`;
 *   A2. libraries of one concern are imported in one place;
 *   A3. no cycles of value imports;
 *   A4. every file is reached from an entry;
 *   A5. only shared/ touches the system's clock and randomness.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', 'src');

interface Import {
  readonly from: string;
  /** Path below src, or a package's name. */
  readonly to: string;
  readonly typeOnly: boolean;
}

const files = (readdirSync(root, { recursive: true }) as string[]).filter((file) => /\.(ts|mjs)$/.test(file));
const textOf = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]));

const statement = /(?:^|\n)\s*(import|export)\s+(type\s+)?((?:[^'";]*?)\s+from\s+)?['"]([^'"]+)['"]/g;
const dynamic = /import\(\s*['"]([^'"]+)['"]\s*\)/g;
const workerUrl = /new URL\(\s*['"](\.[^'"]+)['"]/g;

function importsOf(file: string): Import[] {
  const text = textOf.get(file) ?? '';
  const place = (specifier: string) =>
    specifier.startsWith('.') ? relative(root, join(root, dirname(file), specifier)) : specifier;
  const found = [...text.matchAll(statement)].map(([, , type, names = '', specifier = '']) => ({
    from: file,
    to: place(specifier),
    typeOnly: Boolean(type) || onlyTypes(names),
  }));
  const lazy = [...text.matchAll(dynamic), ...text.matchAll(workerUrl)].map(([, specifier = '']) => ({
    from: file,
    to: place(specifier),
    typeOnly: false,
  }));
  return [...found, ...lazy];
}

// `import { type A, type B } from …` loads nothing that counts either.
function onlyTypes(names: string): boolean {
  const inside = /^\s*\{([^}]*)\}\s*from\s*$/.exec(names)?.[1];
  const named = inside?.split(',').map((name) => name.trim());
  return named?.every((name) => name === '' || name.startsWith('type ')) ?? false;
}

const imports = files.flatMap(importsOf);
const internal = imports.filter(({ to }) => textOf.has(to));
const roomOf = (file: string) => (file.includes('/') ? (file.split('/')[0] ?? '') : 'root');

/** What each room may import, besides itself and shared/. `types` may only be imported as types. */
const allowed: Record<string, { readonly values: readonly string[]; readonly types?: readonly string[] }> = {
  shared: { values: [] },
  config: { values: ['example', 'model'], types: [] },
  example: { values: [] },
  model: { values: [], types: ['config', 'engine'] },
  engine: { values: [], types: ['ledger'] },
  ledger: { values: [] },
  lock: { values: ['engine'] },
  aws: { values: [] },
  steps: { values: ['aws', 'engine', 'model'], types: ['config'] },
  probe: { values: ['aws', 'model', 'steps'], types: ['config'] },
  diagnose: { values: ['aws', 'engine', 'model', 'steps'], types: ['config', 'ledger', 'lock', 'probe'] },
  report: { values: [], types: ['engine'] },
  commands: {
    values: ['aws', 'config', 'diagnose', 'engine', 'ledger', 'lock', 'model', 'probe', 'report', 'steps'],
    types: ['root'],
  },
  simulator: { values: [] },
  root: { values: ['commands', 'report'] },
};

/** The only ways into the simulator: the verbs that serve it, and the wiring of `--sim`. */
const simulatorDoors = /^(main\.ts|compose\.ts|commands\/sim\.ts|commands\/sim\/.*)$/;

describe('A1: imports go in the agreed directions', () => {
  it.each(Object.keys(allowed))('%s', (room) => {
    const rule = allowed[room]!;
    const wrong = internal.filter(({ from, to, typeOnly }) => {
      const target = roomOf(to);
      if (roomOf(from) !== room || target === room || target === 'shared') return false;
      if (target === 'simulator' && simulatorDoors.test(from)) return false;
      return !(rule.values.includes(target) || (typeOnly && rule.types?.includes(target)));
    });
    expect(wrong.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });

  it('knows every room', () => {
    expect([...new Set(files.map(roomOf))].filter((room) => !(room in allowed))).toEqual([]);
  });

  it('leads into the simulator by dynamic import only', () => {
    const eager = internal.filter(
      ({ from, to, typeOnly }) => roomOf(to) === 'simulator' && roomOf(from) !== 'simulator' && !typeOnly,
    );
    const text = (file: string) => textOf.get(file) ?? '';
    const isStatic = ({ from, to }: Import) =>
      new RegExp(`from\\s+['"][./]*${to.replace(/[.]/g, '\\.')}['"]`).test(text(from));
    expect(eager.filter(isStatic).map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });
});

const places: readonly (readonly [string, RegExp, RegExp])[] = [
  ['the terminal libraries', /^(chalk|ora|listr2|@inquirer\/.*|string-width|wrap-ansi)$/, /^report\//],
  ['commander', /^commander$/, /^commands\/register\.ts$/],
  ['yaml', /^yaml$/, /^config\//],
  ['the AWS SDK', /^@(aws-sdk|smithy)\//, /^(aws|simulator\/wire)\//],
  ["Postgres's client", /^pg$/, /^probe\//],
  ['Postgres and DynamoDB engines', /^(@electric-sql\/pglite.*|dynalite)$/, /^simulator\//],
];

describe('A2: a library is used in one place', () => {
  it.each(places)('%s', (_name, library, place) => {
    const wrong = imports.filter(({ from, to, typeOnly }) => library.test(to) && !place.test(from) && !typeOnly);
    expect(wrong.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });
});

describe('A3: no file needs itself', () => {
  it('has no cycle of value imports', () => {
    const next = new Map(
      files.map((file) => [
        file,
        internal.filter(({ from, typeOnly }) => from === file && !typeOnly).map(({ to }) => to),
      ]),
    );
    const state = new Map<string, 'open' | 'done'>();
    const cycles: string[] = [];
    const visit = (file: string, path: readonly string[]): void => {
      if (state.get(file) === 'done') return;
      if (state.get(file) === 'open') {
        cycles.push([...path.slice(path.indexOf(file)), file].join(' → '));
        return;
      }
      state.set(file, 'open');
      for (const to of next.get(file) ?? []) visit(to, [...path, file]);
      state.set(file, 'done');
    };
    for (const file of files) visit(file, []);
    expect(cycles).toEqual([]);
  });
});

describe('A4: nothing lies about', () => {
  it('reaches every file from an entry', () => {
    const entries = ['main.ts', ...files.filter((file) => /engine-worker\.\w+$/.test(file))];
    const reached = new Set<string>();
    const visit = (file: string): void => {
      if (reached.has(file)) return;
      reached.add(file);
      for (const { from, to } of internal) if (from === file) visit(to);
    };
    for (const entry of entries) visit(entry);
    expect(files.filter((file) => !reached.has(file) && !file.endsWith('.d.ts'))).toEqual([]);
  });
});

const systemCalls =
  /\b(Date\.now\(|new Date\(\)|performance\.now\(|setTimeout\(|setInterval\(|Math\.random\(|randomUUID\(|randomBytes\()/;
/** Sockets and processes live in real time, whatever the clock says. */
const mayUseSystem =
  /^(shared\/(clock|random)\.ts|simulator\/wire\/.*|simulator\/plane\/.*|commands\/sim\/.*|report\/.*)$/;

describe('A5: one clock, one source of randomness', () => {
  it('is used by everybody', () => {
    const wrong = files.filter((file) => !mayUseSystem.test(file) && systemCalls.test(textOf.get(file) ?? ''));
    expect(wrong).toEqual([]);
  });
});

import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { defineConfig, type Plugin, type RolldownOptions } from 'rolldown';
import { licences } from './scripts/licences.ts';

// The simulator's engines are true dependencies: PGlite finds its WebAssembly beside its own files.
const external = [/^@electric-sql\/pglite/, 'dynalite', /^node:/, ...builtinModules];

const shared: RolldownOptions = {
  platform: 'node',
  external,
  // Packages offer CommonJS first on this platform; only their ES modules can be cut down to what is used.
  resolve: { mainFields: ['module', 'main'] },
};

const output = {
  format: 'esm',
  minify: true,
  sourcemap: 'hidden',
  cleanDir: true,
  entryFileNames: '[name].js',
} as const;

/**
 * The simulator reads every schema of the AWS clients, the tool needs a few operations of each. In one bundle they
 * would share the whole clients, and each command would pay for it: so there are two.
 */
const simulatorApart: Plugin = {
  name: 'simulator-apart',
  resolveId: (source) =>
    source.endsWith('/simulator/simulator.ts') ? { id: './simulator/simulator.js', external: true } : undefined,
};

/**
 * Files that are started or read by their name, beside the chunk that does so: workers, and scripts of Python. They
 * need no bundling. By their place in src, with the place in the bundle.
 */
const beside = (files: Readonly<Record<string, string>>): Plugin => ({
  name: 'beside',
  buildStart() {
    for (const [file, fileName] of Object.entries(files)) {
      this.emitFile({ type: 'asset', fileName, source: readFileSync(`src/${file}`, 'utf8') });
    }
  },
});

/** What Postgres's client would use where there are native bindings, or in a runtime that is not Node. */
const absent: Plugin = {
  name: 'absent',
  resolveId: (source) => (/^(pg-native|pg-cloudflare)$/.test(source) ? `\0absent` : undefined),
  load: (id) => (id === '\0absent' ? 'export default undefined;' : undefined),
};

export default defineConfig([
  {
    ...shared,
    input: { main: 'src/main.ts' },
    plugins: [simulatorApart, absent, beside({ 'probe/instances/probe.py': 'chunks/probe.py' }), licences()],
    output: { ...output, dir: 'dist', chunkFileNames: 'chunks/[name]-[hash].js' },
  },
  {
    ...shared,
    input: { simulator: 'src/simulator/simulator.ts' },
    plugins: [
      beside({
        'simulator/plane/engine-worker.mjs': 'engine-worker.mjs',
        'simulator/network/black-hole-worker.mjs': 'black-hole-worker.mjs',
        'simulator/machines/python/sitecustomize.py': 'python/sitecustomize.py',
      }),
      licences(),
    ],
    output: { ...output, dir: 'dist/simulator', chunkFileNames: '[name]-[hash].js' },
  },
]);

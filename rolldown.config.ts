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

/** The database's worker is started by its file name, beside the chunk that starts it; it needs no bundling. */
const engineWorker: Plugin = {
  name: 'engine-worker',
  buildStart() {
    const source = readFileSync('src/simulator/plane/engine-worker.mjs', 'utf8');
    this.emitFile({ type: 'asset', fileName: 'engine-worker.mjs', source });
  },
};

export default defineConfig([
  {
    ...shared,
    input: { main: 'src/main.ts' },
    plugins: [simulatorApart, licences()],
    output: { ...output, dir: 'dist', chunkFileNames: 'chunks/[name]-[hash].js' },
  },
  {
    ...shared,
    input: { simulator: 'src/simulator/simulator.ts' },
    plugins: [engineWorker, licences()],
    output: { ...output, dir: 'dist/simulator', chunkFileNames: '[name]-[hash].js' },
  },
]);

import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { basename } from 'node:path';
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

/** Workers are started by their file's name, beside the chunk that starts them; they need no bundling. */
const workers: Plugin = {
  name: 'workers',
  buildStart() {
    for (const file of ['plane/engine-worker.mjs', 'network/black-hole-worker.mjs']) {
      const source = readFileSync(`src/simulator/${file}`, 'utf8');
      this.emitFile({ type: 'asset', fileName: basename(file), source });
    }
  },
};

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
    plugins: [simulatorApart, absent, licences()],
    output: { ...output, dir: 'dist', chunkFileNames: 'chunks/[name]-[hash].js' },
  },
  {
    ...shared,
    input: { simulator: 'src/simulator/simulator.ts' },
    plugins: [workers, licences()],
    output: { ...output, dir: 'dist/simulator', chunkFileNames: '[name]-[hash].js' },
  },
]);

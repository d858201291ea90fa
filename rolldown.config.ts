import { builtinModules } from 'node:module';
import { defineConfig } from 'rolldown';

// The simulator's engines are true dependencies: PGlite finds its WebAssembly beside its own files.
const external = [/^@electric-sql\/pglite/, 'dynalite', /^node:/, ...builtinModules];

export default defineConfig({
  input: { main: 'src/main.ts', 'engine-worker': 'src/simulator/plane/engine-worker.ts' },
  platform: 'node',
  external,
  resolve: { mainFields: ['module', 'main'] },
  output: {
    dir: 'dist',
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
    minify: true,
    sourcemap: 'hidden',
    cleanDir: true,
  },
});

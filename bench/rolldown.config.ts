import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { defineConfig, type Plugin } from 'rolldown';

/** As in the program's own bundle: the database's worker is started by its file name. */
const engineWorker: Plugin = {
  name: 'engine-worker',
  buildStart() {
    const source = readFileSync('src/simulator/plane/engine-worker.mjs', 'utf8');
    this.emitFile({ type: 'asset', fileName: 'engine-worker.mjs', source });
  },
};

/** The support files of the tests register their clean-up with the test runner; here everybody cleans up by hand. */
const withoutTestRunner: Plugin = {
  name: 'without-test-runner',
  resolveId: (source) => (source === 'vitest' ? '\0vitest' : undefined),
  load: (id) =>
    id === '\0vitest' ? "export const onTestFinished = () => { throw new Error('no test is running'); };" : undefined,
};

export default defineConfig({
  input: { main: 'bench/main.ts' },
  platform: 'node',
  external: [/^@electric-sql\/pglite/, 'dynalite', /^node:/, ...builtinModules],
  resolve: { mainFields: ['module', 'main'] },
  plugins: [withoutTestRunner, engineWorker],
  output: { format: 'esm', cleanDir: true, entryFileNames: '[name].js', dir: 'node_modules/.cache/bench' },
});

import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // In `npm run test:full` only, and for `npm run evidence`: clients at work are in test/scenarios as well.
    exclude: process.env.RSDS_FULL === '1' ? [] : ['test/e2e/zero-downtime.test.ts'],
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true', AWS_EC2_METADATA_DISABLED: 'true', NO_COLOR: '1' },
    pool: 'forks',
    maxWorkers: 2,
    // Files share their worker's modules: the embedded Postgres and the clients' schemas are loaded once, not in each.
    isolate: false,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});

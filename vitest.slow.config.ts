import { defineConfig } from 'vitest/config';

/** Outages of a minute, with their recovery, in two browsers; the deadline only bounds a hang. */
const SLOW_TEST_TIMEOUT_MS = 240_000;

export default defineConfig({
  resolve: { tsconfigPaths: true },
  test: {
    name: 'slow',
    include: ['tests/browser/**/*.slow.test.ts', 'tests/network/**/*.test.ts', 'tests/package/**/*.test.ts'],
    // Browsers measure each other's silence: two files at once would disturb one another on two cores.
    fileParallelism: false,
    testTimeout: SLOW_TEST_TIMEOUT_MS,
    hookTimeout: SLOW_TEST_TIMEOUT_MS,
    retry: 0,
    reporters: ['default', 'json'],
    outputFile: { json: '.vitest-results/slow.json' },
  },
});

import { defineConfig } from 'vitest/config';

/** A browser start on two busy cores takes seconds; the deadlines only bound a hang. */
const BROWSER_TEST_TIMEOUT_MS = 60_000;

/** Bounds a hang: minutes of fake time take a second, and ten where others have the cores. */
const TEST_TIMEOUT_MS = 30_000;

const resolve = { tsconfigPaths: true };

export default defineConfig({
  test: {
    retry: 0,
    // By default one is left idle: half of two.
    maxWorkers: '100%',
    reporters: ['default', 'json'],
    outputFile: { json: '.vitest-results/fast.json' },
    projects: [
      {
        resolve,
        test: {
          name: 'node',
          testTimeout: TEST_TIMEOUT_MS,
          hookTimeout: TEST_TIMEOUT_MS,
          include: [
            'tests/{machines,unit,contract,compat,model,inspect,fuzz}/**/*.test.ts',
            '{server,visualizer,inspectors/classic,examples/duel}/tests/**/*.test.ts',
          ],
        },
      },
      {
        resolve,
        test: {
          name: 'types',
          include: [],
          typecheck: {
            enabled: true,
            only: true,
            include: ['tests/types/**/*.test.ts'],
            tsconfig: './tsconfig.json',
            ignoreSourceErrors: true,
          },
        },
      },
      {
        resolve,
        test: {
          name: 'browser',
          include: ['tests/browser/**/*.smoke.test.ts'],
          fileParallelism: false,
          testTimeout: BROWSER_TEST_TIMEOUT_MS,
          hookTimeout: BROWSER_TEST_TIMEOUT_MS,
        },
      },
    ],
  },
});

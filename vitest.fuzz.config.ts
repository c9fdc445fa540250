import { defineConfig } from 'vitest/config';

/** How many times the cases of the quick run, which `npm test` includes: some minutes of two cores. */
const SCALE = process.env.FUZZ_SCALE ?? '50';

export default defineConfig({
  resolve: { tsconfigPaths: true },
  test: {
    name: 'fuzz',
    include: ['tests/fuzz/**/*.test.ts', 'server/tests/fuzz.test.ts'],
    env: { FUZZ_SCALE: SCALE },
    retry: 0,
  },
});

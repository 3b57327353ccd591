import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/e2e/**'],
    pool: 'threads',
    // Tests that start processes take long on a busy machine; this bounds them, it asserts nothing.
    testTimeout: 120_000,
  },
});

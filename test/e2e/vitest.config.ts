import { defineConfig } from 'vitest/config';

/** One story told in order on one federation; run.sh makes the sandbox that it needs. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['**/*.test.ts'],
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 600_000,
    bail: 1,
    reporters: ['verbose'],
  },
});

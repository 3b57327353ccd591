import { defineConfig } from 'vitest/config';

/** A story for each part, one after the other; run.sh builds the parts and makes the sandbox. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['*.test.ts'],
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 600_000,
    reporters: ['verbose'],
  },
});

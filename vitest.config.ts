import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What takes long, for it starts processes or a browser, begins first, so that no worker is left with it at the end. */
const LONG = /\/test\/(k3s|scripts|wasm|page)\/|\/(properties|docs)\.test\./;

class LongOnesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]) {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => LONG.test(moduleId);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/e2e/**', 'test/parts/**'],
    // A process of its own is small, and so is what each that it starts begins as: a copy of it.
    pool: 'forks',
    // To optimize code takes longer than it saves where each runs for seconds; and what garbage there is goes sooner.
    execArgv: ['--no-opt', '--min-semi-space-size=16'],
    // Tests that wait for a process need no core meanwhile.
    maxWorkers: availableParallelism() * 2,
    // A worker loads the libraries once, not for each file: constructs are pure, and mocks are restored after each test.
    isolate: false,
    restoreMocks: true,
    globalSetup: ['test/in-memory.ts', 'test/said.ts'],
    sequence: { sequencer: LongOnesFirst },
    // kubectl and containerd end before there is garbage worth a collection.
    env: { GOGC: '400' },
    // Tests that start processes take long on a busy machine; this bounds them, it asserts nothing.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Where nobody can look, chance does not stop the others: `.ci/run` names what passed at the second try only.
    retry: process.env.CI ? 1 : 0,
  },
});

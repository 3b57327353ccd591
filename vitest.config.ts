import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What waits for processes most of the time. */
const WAITS = /\/test\/(k3s|scripts|wasm|page)\/|\/vpn\.test\./;

/** By turns one that waits and one that computes, so that no core has nothing to do; the long ones of both come first. */
class ByTurns extends BaseSequencer {
  override async sort(files: TestSpecification[]) {
    const sorted = await super.sort(files);
    const waiting = sorted.filter(({ moduleId }) => WAITS.test(moduleId));
    const computing = sorted.filter(({ moduleId }) => !WAITS.test(moduleId));
    const turns = computing.flatMap((file, i) => [...waiting.slice(i, i + 1), file]);
    return [...turns, ...waiting.slice(computing.length)];
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
    maxWorkers: Math.ceil(availableParallelism() * 2.5),
    // A worker loads the libraries once, not for each file: constructs are pure, and mocks are restored after each test.
    isolate: false,
    restoreMocks: true,
    globalSetup: ['test/in-memory.ts', 'test/said.ts'],
    sequence: { sequencer: ByTurns },
    // kubectl and containerd end before there is garbage worth a collection.
    env: { GOGC: '400' },
    // Tests that start processes take long on a busy machine; this bounds them, it asserts nothing.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Where nobody can look, chance does not stop the others: `.ci/run` names what passed at the second try only.
    retry: process.env.CI ? 1 : 0,
  },
});

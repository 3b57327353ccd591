import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Observed, Question } from './compare.ts';
import type { Step } from './play.ts';

/** A step as it was recorded: enough to compare the simulation with Karmada without Karmada. */
export interface Recorded extends Question {
  readonly name: string;
  readonly observed: ReadonlyMap<string, Observed>;
}

/** Writes the steps of a seed into a folder. */
export function record(folder: string, seed: number, steps: readonly Step[]): void {
  mkdirSync(folder, { recursive: true });
  const plain = steps.map(({ differences: _, ...step }) => step);
  const asEntries = (_: string, value: unknown) => (value instanceof Map ? { entriesOfMap: [...value] } : value);
  writeFileSync(join(folder, `${seed}.json`), JSON.stringify(plain, asEntries));
}

export function recorded(file: string): Recorded[] {
  const asMap = (_: string, value: { entriesOfMap?: [string, unknown][] } | null) =>
    value?.entriesOfMap ? new Map(value.entriesOfMap) : value;
  return JSON.parse(readFileSync(file, 'utf8'), asMap);
}

import { readFileSync, writeFileSync } from 'node:fs';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import type { Observed, Question } from './compare.ts';
import type { Step } from './play.ts';

/** A step as it was recorded: enough to compare the simulation with Karmada without Karmada. */
export interface RecordedStep extends Question {
  readonly name: string;
  readonly observed: ReadonlyMap<string, Observed>;
}

/** What was asked and what Karmada did, for the federation of a seed. */
export interface Recording {
  readonly seed: number;
  readonly steps: readonly RecordedStep[];
}

export function recordingOf(seed: number, steps: readonly Step[]): Recording {
  return { seed, steps: steps.map(({ differences: _, exceeded: __, ...step }) => step) };
}

/** Writes recordings as JSON, compressed with Brotli, whose window spans what repeats from one step to the next. */
export function writeRecordings(file: string, recordings: readonly Recording[]): void {
  const asEntries = (_: string, value: unknown) => (value instanceof Map ? { entriesOfMap: [...value] } : value);
  const sorted = [...recordings].sort((a, b) => a.seed - b.seed);
  const params = { [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS };
  writeFileSync(file, brotliCompressSync(JSON.stringify(sorted, asEntries), { params }));
}

export function readRecordings(file: string): Recording[] {
  const asMap = (_: string, value: { entriesOfMap?: [string, unknown][] } | null) =>
    value?.entriesOfMap ? new Map(value.entriesOfMap) : value;
  return JSON.parse(brotliDecompressSync(readFileSync(file)).toString(), asMap);
}

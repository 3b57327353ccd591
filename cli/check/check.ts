import { basename } from 'node:path';
import type { FederationSpec } from '../../constructs/spec/federation.ts';
import { filesOf } from '../../main.ts';
import { Failure, isTold } from '../failure.ts';
import { federationFile, readFederation, shownAs } from '../federation.ts';
import { distFolder } from '../here.ts';
import { isThere } from '../manifests.ts';
import { differences } from './differences.ts';

/** Options of `check`, as its help tells them. */
export interface CheckOptions {
  readonly output?: 'json';
  /** A folder that a synth has made; `true` for `dist`. */
  readonly dist?: string | true;
}

/** Checks the federation's file, and tells what it finds; faults set the exit status. */
export function check({ output, dist }: CheckOptions): void {
  const json = output === 'json';
  const file = federationFile(process.cwd(), 'check');
  const warnings: string[] = [];
  let spec: FederationSpec;
  let files: (readonly [path: string, text: string])[];
  try {
    spec = readFederation(file, json ? (line) => warnings.push(line) : undefined);
    // What a check of the file alone does not find may come up when the manifests are made.
    files = [...filesOf(spec)];
  } catch (error) {
    if (!json || !isTold(error)) throw error;
    print({ faults: error.message.split('\n'), warnings, stale: [] });
    process.exitCode = 1;
    return;
  }
  const folder = dist === true ? 'dist' : dist;
  const path = distFolder(dist === true ? undefined : dist);
  if (folder !== undefined && !isThere(path)) throw new Failure(`there is no '${folder}': synth makes it`);
  const stale = folder === undefined ? [] : differences(path, files, basename(shownAs(file)));
  if (stale.length > 0) process.exitCode = 1;
  if (json) print({ faults: [], warnings, stale });
  else if (stale.length === 0)
    console.log(`${spec.name}: ${shownAs(file)} is right${folder ? `, and ${folder} is what it makes` : ''}`);
  else for (const { path, is } of stale) console.error(`${folder}/${path}: ${is}: run synth`);
}

const print = (value: unknown) => console.log(JSON.stringify(value, undefined, 2));

import { basename } from 'node:path';
import { filesOf } from '../../main.ts';
import { Failure, isTold } from '../failure.ts';
import { federationFile, readFederation, shownAs, toStandardError } from '../federation.ts';
import { isThere } from '../files.ts';
import { distFolder } from '../here.ts';
import { type Difference, differences } from './differences.ts';

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
  const folder = dist === true ? 'dist' : dist;
  const warnings: string[] = [];
  let name: string;
  let stale: Difference[] = [];
  try {
    const spec = readFederation(file, json ? (line) => warnings.push(line) : toStandardError);
    // What a check of the file alone does not find may come up when the manifests are made.
    const files = [...filesOf(spec)];
    name = spec.name;
    if (folder !== undefined) {
      const path = distFolder(dist === true ? undefined : dist);
      if (!isThere(path)) throw new Failure(`there is no '${folder}': synth makes it`);
      stale = differences(path, files, basename(shownAs(file)));
    }
  } catch (error) {
    if (!json || !isTold(error)) throw error;
    print({ faults: error.message.split('\n'), warnings, stale });
    process.exitCode = 1;
    return;
  }
  if (stale.length > 0) process.exitCode = 1;
  if (json) print({ faults: [], warnings, stale });
  else if (stale.length === 0)
    console.log(`${name}: ${shownAs(file)} is right${folder ? `, and ${folder} is what it makes` : ''}`);
  else for (const { path, is } of stale) console.error(`${folder}/${path}: ${is}: run synth`);
}

const print = (value: unknown) => console.log(JSON.stringify(value, undefined, 2));

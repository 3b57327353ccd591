import { existsSync } from 'node:fs';
import { join } from 'node:path';

const PROJECT = join(import.meta.dirname, '..');

/** What a user types for a script: in this repository its path, elsewhere the command's name and its own. */
export function called(script: string): string {
  return existsSync(join(PROJECT, 'main.ts')) ? `scripts/${script}.sh` : `serverless-federation ${script}`;
}

import { existsSync } from 'node:fs';
import { join } from 'node:path';

const PROJECT = join(import.meta.dirname, '..');

/** What a user types for a subcommand: in this repository its script or npm's, elsewhere the command's name and its own. */
export function called(subcommand: string): string {
  if (!existsSync(join(PROJECT, 'main.ts'))) return `serverless-federation ${subcommand}`;
  const script = `scripts/${subcommand}.sh`;
  return existsSync(join(PROJECT, script)) ? script : `npm run ${subcommand}`;
}

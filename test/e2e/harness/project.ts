import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { attempt, type RunResult, runFolder } from './process.ts';

/** Folder of the end-to-end test. */
export const here = join(import.meta.dirname, '..');
/** The project that is tested. */
export const project = join(here, '..', '..');

const folderFor = (file: string) => join(runFolder, 'dist', basename(file, '.yaml'));

/** Synthesizes a federation file as a user does, which may fail. */
export function trySynth(file: string): Promise<RunResult> {
  const command = ['npm', 'run', '--silent', 'synth', '--', '--output', folderFor(file)];
  return attempt(command, { cwd: project, env: { FEDERATION: file, INIT_CWD: project } });
}

/** Synthesizes a federation file as a user does, and returns the folder of manifests. */
export async function synth(file: string): Promise<string> {
  const { code, stderr } = await trySynth(file);
  if (code !== 0) throw new Error(`"${file}" was not synthesized:\n${stderr}`);
  return folderFor(file);
}

/** Manifests of a folder, folders below it included, in the order of application. */
export function manifests(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .map((file) => join(folder, file));
}

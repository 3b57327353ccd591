import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Failure } from '../failure.ts';
import { scriptCommand, scriptEnvironment } from '../scripts.ts';
import type { Access } from '../servers/access.ts';
import type { Target } from './targets.ts';

/** An object that an earlier synth made, and this one does not. */
export interface Stale {
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  /** Whether a prune leaves it, and only names it. */
  readonly kept: boolean;
}

/** What `apply --prune` would delete of a target. */
export async function staleIn(
  target: Target,
  { file, context }: Access,
  dist: string,
  seconds: number,
): Promise<Stale[]> {
  const args = [
    '--list-stale',
    '--dist',
    dist,
    '--kubeconfig',
    `${target.cluster}=${file}`,
    '--timeout',
    String(seconds),
  ];
  if (context) args.push('--context', `${target.cluster}=${context}`);
  let stdout: string;
  try {
    const run = promisify(execFile);
    const [program, words] = scriptCommand('apply', [...args, target.name]);
    ({ stdout } = await run(program, words, { env: scriptEnvironment(), maxBuffer: 2 ** 26 }));
  } catch (error) {
    throw new Failure(
      `cannot tell what a prune would delete: ${((error as { stderr?: string }).stderr ?? '').trim() || (error as Error).message}`,
    );
  }
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [what, kind = '', namespace, name = ''] = line.split(' ');
      return { kind, ...(namespace !== '-' && { namespace }), name, kept: what === 'keep' };
    });
}

import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { Failure } from './failure.ts';

const FOLDER = join(import.meta.dirname, '../scripts');

/** The scripts by their names, with what each does. */
export const SCRIPTS: Readonly<Record<string, string>> = {
  bootstrap: 'Make hosts into k3s nodes, over SSH.',
  secrets: 'Make the Secrets that the manifests name.',
  apply: 'Apply the manifests of a target to its API server, in their order.',
  'karmada-kubeconfig': 'Make a kubeconfig for the Karmada API.',
  join: 'Make clusters members of the federation.',
  unjoin: 'Take members out of the federation.',
  host: 'Take a host out of its cluster, or replace it.',
  'argocd-clusters': 'Give Argo CD access to the clusters that it syncs to.',
};

/** The command line of a script. */
export function scriptCommand(name: string, args: readonly string[]): readonly [program: string, args: string[]] {
  return ['bash', [join(FOLDER, `${name}.sh`), ...args]];
}

/** What a script must know of the folder that the command is called in. */
export function scriptEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, SERVERLESS_FEDERATION_PROJECT: process.cwd() };
}

/**
 * Runs a script on the folder that the command is called in.
 *
 * @returns its exit status; that of a script which a signal ended is 128 and the signal's number, as in a shell.
 * @throws Failure where there is no bash.
 */
export async function runScript(name: string, args: readonly string[]): Promise<number> {
  const child = spawn(...scriptCommand(name, args), { stdio: 'inherit', env: scriptEnvironment() });
  // A terminal sends these to the script, too, which cleans up after itself first.
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const forward = (signal: NodeJS.Signals) => void (signal !== 'SIGINT' && child.kill(signal));
  for (const signal of signals) process.on(signal, forward);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once('error', (error) => reject(new Failure(`cannot run bash, which ${name} needs: ${error.message}`)));
      child.once('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? 'SIGTERM']));
    });
  } finally {
    for (const signal of signals) process.off(signal, forward);
  }
}

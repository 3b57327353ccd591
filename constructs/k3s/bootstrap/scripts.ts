import { readFileSync } from 'node:fs';

/*
 * The scripts of the bootstrap, as the files beside this one hold them: shell stays in files that shellcheck reads.
 */

/** Runs on a host, as root: makes it a node. */
export const REMOTE_SCRIPT = script('remote.sh');

/** Runs `remote.sh` on a host over SSH. */
export const CONNECT_SCRIPT = script('connect.sh');

/** Runs `connect.sh` in a Job and makes Secrets of what a first server hands over. */
export const JOB_SCRIPT = script('job.sh');

function script(name: string): string {
  return readFileSync(new URL(name, import.meta.url), 'utf8');
}

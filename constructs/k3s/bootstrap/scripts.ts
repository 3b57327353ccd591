import { readFileSync } from 'node:fs';

/*
 * The scripts of the bootstrap, as the files beside this one hold them: shell stays in files that shellcheck reads.
 */

/** Parts of `remote.sh`: what comes first says what the settings are, what comes last runs. */
const PARTS = [
  'common',
  'service',
  'releases',
  'version',
  'checks',
  'ownership',
  'membership',
  'files',
  'install',
  'turns',
  'nodes',
  'bootstrap',
  'uninstall',
  'entry',
];

/** Runs on a host, as root: makes it a node, or takes k3s from it. */
export const REMOTE_SCRIPT = PARTS.map((part) => script(`host/${part}.sh`)).join('\n');

/** Runs `remote.sh` on a host over SSH. */
export const CONNECT_SCRIPT = script('connect.sh');

/** Functions of plain sh that know which release of k3s may follow which. */
export const RELEASES_SCRIPT = script('host/releases.sh');

/** Runs `connect.sh` in a Job and makes Secrets of what a first server hands over. */
export const JOB_SCRIPT = script('job.sh');

function script(name: string): string {
  return readFileSync(new URL(name, import.meta.url), 'utf8');
}

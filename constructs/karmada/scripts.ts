import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/*
 * The shell scripts that the control plane's Job and init containers run, read once, when this module is loaded: to a
 * construct they are constants, as the rest of the code is.
 */

const read = (name: string) => readFileSync(join(import.meta.dirname, 'scripts', name), 'utf8');

/** Brings the Karmada API to a version: CRDs and static resources. */
export const STATIC_RESOURCES_SCRIPT = read('static-resources.sh');

/** Waits until etcd answers. */
export const WAIT_FOR_ETCD_SCRIPT = read('wait-for-etcd.sh');

/** Waits until the Karmada API is at a version. */
export const WAIT_FOR_KARMADA_SCRIPT = read('wait-for-karmada.sh');

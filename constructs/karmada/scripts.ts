import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/*
 * The shell scripts that the control plane's Jobs run, read once, when this module is loaded: to a construct they are
 * constants, as the rest of the code is.
 */

const read = (name: string) => readFileSync(join(import.meta.dirname, 'scripts', name), 'utf8');

/** Makes missing certificates in the cluster. */
export const CERTIFICATES_SCRIPT = read('certificates.sh');

/** Brings the Karmada API to a version: CRDs and static resources. */
export const STATIC_RESOURCES_SCRIPT = read('static-resources.sh');

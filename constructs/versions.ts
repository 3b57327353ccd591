/** Versions that the defaults pin, each said here and nowhere else. */

/** k3s release for clusters that name none: the newest of the Kubernetes minor that Karmada 1.18 is built on. */
export const K3S_VERSION = 'v1.35.6+k3s1';

/** Karmada release of the control plane. */
export const KARMADA_VERSION = 'v1.18.2';

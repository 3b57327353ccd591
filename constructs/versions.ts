/** Versions that the defaults pin, each said here and nowhere else. */

/** k3s release for clusters that name none: the newest of the Kubernetes minor that Karmada 1.18 is built on. */
export const K3S_VERSION = 'v1.35.6+k3s1';

/** Karmada release of the control plane. */
export const KARMADA_VERSION = 'v1.18.2';

/** Kubernetes of the Karmada API server and its kube-controller-manager, as Karmada's chart 1.18.2 has it. */
export const KARMADA_KUBERNETES_VERSION = 'v1.35.2';

/** etcd of the Karmada API, as Karmada's chart 1.18.2 has it. */
export const ETCD_VERSION = '3.6.6-0';

/** Calico: charts `tigera-operator` and `crd.projectcalico.org.v1`. */
export const CALICO_VERSION = 'v3.32.1';

/** MetalLB's chart. */
export const METALLB_VERSION = '0.16.1';

/** The chart of ingress-nginx: the last one, of 20 March 2026, after which the project was retired. */
export const INGRESS_NGINX_VERSION = '4.15.1';

/** Clients of the VPN providers, as their vendors' package repositories name them. */
export const TAILSCALE_VERSION = '1.102.3';
export const NETBIRD_VERSION = '0.77.1';
export const ZEROTIER_VERSION = '1.16.2';

/**
 * Image of the Jobs and of the init containers that wait: bash, kubectl 1.34, openssl, ssh, curl, tar and gzip.
 *
 * Seen in helmfile v1.7.4: `Dockerfile.debian-stable-slim` installs bash, curl, openssh-client and ca-certificates,
 * which on Debian depends on openssl, and a kubectl verified by its checksum; the workflow `images.yaml` pushes the
 * release's tag for amd64 and arm64. alpine/k8s and dtzar/helm-kubectl lack openssl, rancher/kubectl and
 * registry.k8s.io/kubectl lack a shell, and bitnamisecure/kubectl has no tag but `latest`.
 *
 * Its HOME is not writable for other users than root: give pods one that is.
 */
export const TOOLS_IMAGE = 'ghcr.io/helmfile/helmfile-debian-stable-slim:v1.7.4';

/** Release of the Spin shim; its checksums are in `wasm/shims.ts`. */
export const SPIN_SHIM_VERSION = 'v0.23.0';

/** Rancher's system-upgrade-controller, which upgrades k3s node by node. */
export const SYSTEM_UPGRADE_CONTROLLER_VERSION = 'v0.20.1';

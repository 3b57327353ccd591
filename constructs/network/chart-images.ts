import { CALICO_VERSION, INGRESS_NGINX_VERSION, METALLB_VERSION } from '../versions.ts';

/**
 * Images that the pods of charts run, which no manifest of ours names: for whoever fills a mirror.
 *
 * Those of Calico are what its operator deploys with our values; `tigera/operator --print-images=list` prints all that
 * it can deploy. Those of ingress-nginx are the last there will be.
 */

/** Tag of the operator that comes with `CALICO_VERSION` (manifests/tigera-operator.yaml of projectcalico/calico). */
const TIGERA_OPERATOR_VERSION = 'v1.42.3';

const CALICO_IMAGES = [
  'apiserver',
  'cni',
  'csi',
  'kube-controllers',
  'node',
  'node-driver-registrar',
  'pod2daemon-flexvol',
  'typha',
];

const CHART_IMAGES: Readonly<Record<string, { readonly version: string; readonly images: readonly string[] }>> = {
  'crd.projectcalico.org.v1': { version: CALICO_VERSION, images: [] },
  'tigera-operator': {
    version: CALICO_VERSION,
    images: [
      `quay.io/tigera/operator:${TIGERA_OPERATOR_VERSION}`,
      ...CALICO_IMAGES.map((name) => `quay.io/calico/${name}:${CALICO_VERSION}`),
    ],
  },
  metallb: {
    version: METALLB_VERSION,
    images: ['controller', 'speaker'].map((name) => `quay.io/metallb/${name}:v${METALLB_VERSION}`),
  },
  'ingress-nginx': {
    version: INGRESS_NGINX_VERSION,
    images: [
      'registry.k8s.io/ingress-nginx/controller:v1.15.1',
      'registry.k8s.io/ingress-nginx/kube-webhook-certgen:v1.6.9',
    ],
  },
};

/** Images of a chart, or nothing where they are not known here: those of another version than the pinned one. */
export function chartImages(chart: string, version: string): readonly string[] | undefined {
  const known = CHART_IMAGES[chart];
  return known?.version === version ? known.images : undefined;
}

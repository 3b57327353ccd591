import { k8s } from 'cdk8s-plus-28';
import * as clusterOverridePolicy from '../../imports/clusteroverridepolicy-policy.karmada.io.ts';
import * as clusterPropagationPolicy from '../../imports/clusterpropagationpolicy-policy.karmada.io.ts';
import * as cronFederatedHpa from '../../imports/cronfederatedhpa-autoscaling.karmada.io.ts';
import * as federatedHpa from '../../imports/federatedhpa-autoscaling.karmada.io.ts';
import * as federatedResourceQuota from '../../imports/federatedresourcequota-policy.karmada.io.ts';
import * as multiClusterService from '../../imports/multiclusterservice-networking.karmada.io.ts';
import * as overridePolicy from '../../imports/overridepolicy-policy.karmada.io.ts';
import * as propagationPolicy from '../../imports/propagationpolicy-policy.karmada.io.ts';
import * as spinApp from '../../imports/spinapp-core.spinkube.dev.ts';
import type { KubeObject } from '../../simulation/kubernetes.ts';

interface Kind {
  readonly GVK: { readonly apiVersion: string; readonly kind: string };
  manifest(props: unknown): unknown;
}

/** Kinds of other projects, of whose releases the manifests are made for one. */
const IMPORTS = [
  clusterOverridePolicy,
  clusterPropagationPolicy,
  cronFederatedHpa,
  federatedHpa,
  federatedResourceQuota,
  multiClusterService,
  overridePolicy,
  propagationPolicy,
  spinApp,
];

let kinds: ReadonlyMap<string, Kind> | undefined;

function kindOf({ apiVersion, kind }: KubeObject): Kind | undefined {
  kinds ??= new Map(
    [k8s, ...IMPORTS]
      .flatMap((module) => Object.values(module as unknown as Record<string, Partial<Kind>>))
      .flatMap((one) =>
        one?.GVK && one.manifest ? [[`${one.GVK.apiVersion} ${one.GVK.kind}`, one as Kind] as const] : [],
      ),
  );
  return kinds.get(`${apiVersion} ${kind}`);
}

/** Fields as Kubernetes writes them, which the code for its kinds calls otherwise: `hostPid`, `openApiv3Schema`. */
const WRITTEN = new Map(
  [
    'clientIP',
    'clusterIP',
    'datasetUUID',
    'diskURI',
    'downwardAPI',
    'externalID',
    'hostIP',
    'hostIPC',
    'hostPID',
    'insecureSkipTLSVerify',
    'loadBalancerIP',
    'nodeID',
    'nonResourceURLs',
    'openAPIV3Schema',
    'pdID',
    'podCIDR',
    'podCIDRs',
    'providerID',
    'scaleIO',
    'setHostnameAsFQDN',
    'storagePolicyID',
    'targetCPUUtilizationPercentage',
    'targetWWNs',
    'volumeID',
    'x-kubernetes-embedded-resource',
    'x-kubernetes-int-or-string',
    'x-kubernetes-list-map-keys',
    'x-kubernetes-list-type',
    'x-kubernetes-map-type',
    'x-kubernetes-preserve-unknown-fields',
    'x-kubernetes-validations',
  ].map((name) => [plain(name), name]),
);

function plain(name: string): string {
  return name.replace(/[^A-Za-z0-9]/g, '').toLowerCase();
}

/**
 * Fields that the code does not tell of, by the ends of their places: those that came after its release, up to Kubernetes
 * 1.35, and those whose names it takes for others.
 */
const LATER = [
  '$ref',
  '$schema',
  'appArmorProfile',
  'claims/*/request',
  'clusterTrustBundle',
  'fileKeyRef',
  'forNodes',
  'hostnameOverride',
  'managedBy',
  'matchLabelKeys',
  'mismatchLabelKeys',
  'podCertificate',
  'postStart/sleep',
  'preStop/sleep',
  'recursiveReadOnly',
  'resourceClaimName',
  'resourceClaimTemplateName',
  'restartPolicyRules',
  'seLinuxChangePolicy',
  'selectableFields',
  'stopSignal',
  'successPolicy',
  'supplementalGroupsPolicy',
  'template/spec/resources',
  'tolerance',
  'trafficDistribution',
  'volumeAttributesClassName',
  'volumes/*/image',
  'workloadRef',
];

/** Whether Kubernetes knows the field at a JSON pointer though it is none of the known ones. */
export function isLater(pointer: string): boolean {
  const place = pointer.replace(/\/\d+(?=\/|$)/g, '/*');
  return LATER.some((end) => place.endsWith(`/${end}`));
}

export interface KnownFields {
  /** The fields at each place of the object, by JSON pointer. */
  readonly at: ReadonlyMap<string, ReadonlySet<string>>;
  /** A field that takes a list, and has something else. */
  readonly noList?: string | undefined;
}

/**
 * The fields that Kubernetes knows at each place of an object: those that the code for its kind reads. Of a map, such as
 * labels, they are the keys that it has. None for kinds that are not known here.
 */
export function knownFields(object: KubeObject): KnownFields {
  const read = new Map<string, Set<string>>();
  let last = '';
  let noList: string | undefined;
  const watched = (value: unknown, pointer: string): unknown => {
    // The code takes times as such, and asks them for their text.
    if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value)) return new Date(0);
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map((item, i) => watched(item, `${pointer}/${i}`));
    const names = read.get(pointer) ?? new Set();
    read.set(pointer, names);
    return new Proxy(value as Record<string, unknown>, {
      get(target, name) {
        if (typeof name !== 'string') return undefined;
        const written = WRITTEN.get(plain(name)) ?? name;
        names.add(written);
        last = `${pointer}/${written}`;
        return Object.hasOwn(target, written) ? watched(target[written], `${pointer}/${written}`) : undefined;
      },
    });
  };
  const kind = kindOf(object);
  const { apiVersion: _, kind: __, status: ___, ...props } = object as KubeObject & { status?: unknown };
  try {
    kind?.manifest(watched(props, ''));
  } catch {
    // What was read last is no list: what was read until then is known all the same.
    noList = last.replace(/\/map$/, '');
  }
  return { at: new Map([...read].filter(([, names]) => names.size > 0)), noList };
}

import { apiGroup, KUBERNETES_KINDS } from '../policy/scopes.ts';
import { quote, suggest } from './faults.ts';

/** What is wrong with the kind of an object. */
export interface KindFault {
  readonly field: 'apiVersion' | 'kind';
  readonly message: string;
  /** `never`: no API server has it; `now`: none of today has it; `perhaps`: none that is known here. */
  readonly unserved: 'never' | 'now' | 'perhaps';
}

/** Kinds of which versions other than v1 are served still. */
const YOUNG = [
  'ClusterTrustBundle',
  'IPAddress',
  'LeaseCandidate',
  'MutatingAdmissionPolicy',
  'MutatingAdmissionPolicyBinding',
  'PodCertificateRequest',
  'ServiceCIDR',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'VolumeAttributesClass',
  'Workload',
];

/** A group that all kinds have left: kubernetes.io/docs/reference/using-api/deprecation-guide. */
const EXTENSIONS = 'extensions';

/** The kinds that have left for good, likewise. */
const GONE = ['PodSecurityPolicy'];

/** Says what is wrong with a kind of Kubernetes' own groups; nothing of others, which may bring any kind. */
export function kindFault(apiVersion: string, kind: string): KindFault | undefined {
  const group = apiGroup(apiVersion);
  const kinds = KUBERNETES_KINDS.get(group);
  if (!kinds && group !== EXTENSIONS) return undefined;
  if (GONE.includes(kind)) {
    return { field: 'kind', message: 'is a kind that Kubernetes has no more', unserved: 'now' };
  }
  const [home] = [...KUBERNETES_KINDS].find(([other, kinds]) => other !== group && kinds.includes(kind)) ?? [];
  if (kinds?.includes(kind)) {
    if (YOUNG.includes(kind) || versionsOf(group).includes(apiVersion)) return undefined;
    const message = `is not served for the kind ${quote(kind)}, which is in ${quote(versionsOf(group)[0])}`;
    return { field: 'apiVersion', message, unserved: 'now' };
  }
  if (home !== undefined) {
    const message = `has no kind ${quote(kind)}, did you mean ${quote(versionsOf(home)[0])}?`;
    return { field: 'apiVersion', message, unserved: group === EXTENSIONS ? 'now' : 'never' };
  }
  const near = suggest(kind, kinds ?? []);
  const message = `is no kind of ${quote(apiVersion)}${near || ' that is known here'}`;
  return { field: 'kind', message, unserved: near ? 'never' : 'perhaps' };
}

/** Versions of a group that are served of its settled kinds, the one to write first. */
function versionsOf(group: string): string[] {
  if (group === '') return ['v1'];
  return group === 'autoscaling' ? ['autoscaling/v2', 'autoscaling/v1'] : [`${group}/v1`];
}

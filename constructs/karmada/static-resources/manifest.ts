import type { k8s } from 'cdk8s-plus-28';
import { MANAGED_BY } from '../../names.ts';
import { type OptionalComponent, SERVICES } from '../names.ts';

/*
 * Objects of another API server than the chart they are made in: data for `StaticResourceJob`.
 */

/** Stands for the CA of the Karmada API, in base64, in objects and in the CRD patches of a release. */
export const CA_BUNDLE = '{{caBundle}}';

/** Label by which the objects of an optional part are found when the control plane no longer has it. */
export const COMPONENT_LABEL = 'app.kubernetes.io/component';

/** Optional components that have objects of their own in the Karmada API, and the value of `COMPONENT_LABEL` on them. */
export const LABELLED_COMPONENTS = {
  descheduler: 'karmada-descheduler',
  search: SERVICES.search,
  metricsAdapter: SERVICES.metricsAdapter,
} as const satisfies Partial<Record<OptionalComponent, string>>;

/** A Kubernetes object as it goes over the wire. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Record<string, string> };
}

/** The name and type of an L1 object's properties, and how it is rendered. */
interface Kind<Props> {
  manifest(props: Props): unknown;
}

/** An object of the Karmada API, with the labels by which the Job finds it again. */
export function make<Props>(kind: Kind<Props>, props: Props & { metadata: k8s.ObjectMeta }): Manifest {
  const labels = { 'app.kubernetes.io/managed-by': MANAGED_BY, ...props.metadata.labels };
  return prune(kind.manifest({ ...props, metadata: { ...props.metadata, labels } })) as Manifest;
}

/** Leaves out what is undefined. */
function prune(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

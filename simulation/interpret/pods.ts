/** What a pod template asks of a member, and names of others: pkg/util/resource.go, pkg/util/helper/{binding,pod}.go. */

import type { Quantity } from '../kubernetes.ts';
import type { Dependency, Requirements } from '../model.ts';
import { nanos } from '../quantity.ts';
import { at, type Fields, fields, isFields, list, text } from './values.ts';

/**
 * Requests of a pod: those of its containers together, or of its greediest init container, resource by resource; plus its
 * overhead. Limits stand in for requests that are missing. Undefined when the pod asks for nothing at all.
 */
export function requirementsOf(podSpec: unknown): Requirements | undefined {
  const spec = fields(podSpec);
  const sum = new Map<string, bigint>();
  const add = (requests: Fields, merge: (have: bigint, more: bigint) => bigint) => {
    for (const [name, quantity] of Object.entries(requests)) {
      if (!isCounted(name)) continue;
      sum.set(name, merge(sum.get(name) ?? 0n, nanos(quantity as Quantity)));
    }
  };
  for (const container of list(spec.containers)) add(requestsOf(container), (have, more) => have + more);
  for (const container of list(spec.initContainers))
    add(requestsOf(container), (have, more) => (more > have ? more : have));
  add(fields(spec.overhead), (have, more) => have + more);
  const requests = Object.fromEntries(
    [...sum].filter(([, nano]) => nano > 0n).map(([name, nano]) => [name, `${nano}n`] as const),
  );
  const claimsNodes =
    isFields(spec.nodeSelector) ||
    isFields(at(spec, 'affinity', 'nodeAffinity', 'requiredDuringSchedulingIgnoredDuringExecution')) ||
    list(spec.tolerations).length > 0;
  return claimsNodes || Object.keys(requests).length > 0 ? { requests } : undefined;
}

function requestsOf(container: Fields): Fields {
  const resources = fields(container.resources);
  return { ...fields(resources.limits), ...fields(resources.requests) };
}

/** The resources that Karmada adds up: the usual ones and extended ones, which have a domain. */
function isCounted(name: string): boolean {
  return (
    ['cpu', 'memory', 'pods', 'ephemeral-storage'].includes(name) || /^(hugepages-|attachable-volumes-)|\//.test(name)
  );
}

/** The ConfigMaps, Secrets, ServiceAccount and claims that a pod names. */
export function dependenciesOf(podSpec: unknown, namespace: string | undefined): readonly Dependency[] {
  const spec = fields(podSpec);
  const names = {
    ConfigMap: new Set<string>(),
    Secret: new Set<string>(),
    ServiceAccount: new Set<string>(),
    PersistentVolumeClaim: new Set<string>(),
  };
  const note = (kind: keyof typeof names, name: unknown) => {
    const given = text(name);
    if (given !== undefined) names[kind].add(given);
  };
  for (const secret of list(spec.imagePullSecrets)) note('Secret', secret.name);
  for (const container of [spec.initContainers, spec.containers, spec.ephemeralContainers].flatMap(list)) {
    for (const source of list(container.envFrom)) {
      note('ConfigMap', at(source, 'configMapRef', 'name'));
      note('Secret', at(source, 'secretRef', 'name'));
    }
    for (const variable of list(container.env)) {
      note('ConfigMap', at(variable, 'valueFrom', 'configMapKeyRef', 'name'));
      note('Secret', at(variable, 'valueFrom', 'secretKeyRef', 'name'));
    }
  }
  for (const volume of list(spec.volumes)) {
    note('ConfigMap', at(volume, 'configMap', 'name'));
    note('Secret', at(volume, 'secret', 'secretName'));
    note('Secret', at(volume, 'azureFile', 'secretName'));
    note('Secret', at(volume, 'csi', 'nodePublishSecretRef', 'name'));
    for (const kind of SECRET_VOLUMES) note('Secret', at(volume, kind, 'secretRef', 'name'));
    for (const source of list(at(volume, 'projected', 'sources'))) {
      note('ConfigMap', at(source, 'configMap', 'name'));
      note('Secret', at(source, 'secret', 'name'));
    }
    note('PersistentVolumeClaim', at(volume, 'persistentVolumeClaim', 'claimName'));
  }
  if (spec.serviceAccountName !== 'default') note('ServiceAccount', spec.serviceAccountName);
  return Object.entries(names).flatMap(([kind, given]) =>
    [...given].map((name) => ({ apiVersion: 'v1', kind, ...(namespace === undefined ? {} : { namespace }), name })),
  );
}

/** Volumes that name a Secret in `secretRef`. */
const SECRET_VOLUMES = ['cephfs', 'cinder', 'flexVolume', 'rbd', 'scaleIO', 'iscsi', 'storageos'];

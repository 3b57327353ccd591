/** What Karmada's detector never propagates: pkg/util/apigroup.go and EventFilter of pkg/detector/detector.go. */

import type { KubeObject } from './kubernetes.ts';
import type { Input, Reason } from './model.ts';

const OWN_GROUPS: ReadonlySet<string> = new Set([
  'cluster.karmada.io',
  'policy.karmada.io',
  'work.karmada.io',
  'config.karmada.io',
  'networking.karmada.io',
  'autoscaling.karmada.io',
  'remedy.karmada.io',
  'apps.karmada.io',
  'events.k8s.io',
]);

/** Whose objects carry this label are propagated by whoever it names, not by policies. */
const CLAIMED_BY = 'resourcetemplate.karmada.io/claimed-by';

export type Skip = (object: KubeObject) => Reason | undefined;

/** The namespaces that no object is ever propagated from. */
export function skippedNamespace(input: Pick<Input, 'skippedNamespaces'>): (namespace: string) => boolean {
  const patterns = (input.skippedNamespaces ?? ['kube-.*']).map((pattern) => new RegExp(`^${pattern}$`));
  return (namespace) =>
    namespace === 'karmada-system' ||
    namespace === 'karmada-cluster' ||
    namespace.startsWith('karmada-es-') ||
    patterns.some((pattern) => pattern.test(namespace));
}

/** Says of an object why Karmada never propagates it; undefined when it does. */
export function skipper(input: Pick<Input, 'skippedNamespaces' | 'skippedApis'>): Skip {
  const inNamespace = skippedNamespace(input);
  const byFlag = skippedApis(input.skippedApis ?? '');
  const never = (message: string): Reason => ({ code: 'NeverPropagated', message });
  return ({ apiVersion, kind, metadata }) => {
    const group = groupOf(apiVersion);
    const { namespace, labels } = metadata;
    if (namespace !== undefined && inNamespace(namespace)) {
      return never(`Karmada never propagates what is in the namespace ${namespace}`);
    }
    if (OWN_GROUPS.has(group) || (apiVersion === 'v1' && kind === 'Event') || apiVersion === 'coordination.k8s.io/v1') {
      return never(`Karmada never propagates objects of the kind ${kind} of ${apiVersion}`);
    }
    if (byFlag(apiVersion, kind)) return never(`--skipped-propagating-apis leaves out ${kind} of ${apiVersion}`);
    const owner = labels?.[CLAIMED_BY];
    return owner ? never(`${owner} takes care of it (label ${CLAIMED_BY}), so no policy does`) : undefined;
  };
}

function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}

/** `group`, `group/version`, `group/version/Kind,Kind` and `v1/Kind,Kind`, apart by semicolons. */
function skippedApis(flag: string): (apiVersion: string, kind: string) => boolean {
  const names = new Set<string>();
  for (const token of flag.split(';').filter((part) => part !== '')) {
    const [first = '', second, third] = token.split('/');
    if (second === undefined) names.add(first);
    else if (third !== undefined) for (const kind of third.split(',')) names.add(`${first}/${second} ${kind}`);
    else if (first.startsWith('v1')) for (const kind of second.split(',')) names.add(`v1 ${kind}`);
    else names.add(`${first}/${second}`);
  }
  return (apiVersion, kind) =>
    names.size > 0 && (names.has(groupOf(apiVersion)) || names.has(apiVersion) || names.has(`${apiVersion} ${kind}`));
}

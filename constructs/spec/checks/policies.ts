import { tolerates } from '../../../simulation/tolerations.ts';
import { SPINKUBE_API } from '../../apps/spinkube.ts';
import { FEATURE_GATES, type FeatureGate } from '../../karmada/feature-gates.ts';
import { runtimeClassPolicyName } from '../../names.ts';
import { NOT_READY_TAINT } from '../../policy/failover-taints.ts';
import type { ResourceSelector } from '../../policy/resource-selector.ts';
import { scopeOf } from '../../policy/scopes.ts';
import { formatPath, type Path, quote, type Report } from '../faults.ts';
import type { FederationSpec } from '../federation.ts';
import { neededGates } from '../gates.ts';

/** What policies need of the control plane, and where two of them meet. */
export function checkPolicies(spec: FederationSpec, report: Report): void {
  checkGates(spec, report);
  checkFailover(spec, report);
  checkSelections(spec, report);
}

/** A field whose gate is off: Karmada would store it and do nothing. */
function checkGates(spec: FederationSpec, report: Report): void {
  for (const { gate, path } of neededGates(spec)) {
    const { derived, components } = FEATURE_GATES[gate];
    const off = components.map((component) => [component, setting(spec, gate, component)] as const);
    const refused = off.find(([, on]) => on === false);
    const where = `controlPlane.karmada.featureGates.${gate}`;
    if (refused) {
      report(
        path,
        `needs Karmada's feature gate ${quote(gate)}, which is turned off for ${refused[0]}: leave that out`,
      );
    } else if (!derived && off.some(([, on]) => on === undefined)) {
      const way = gate === 'Failover' ? "set 'controlPlane.karmada.failover: true'" : `set '${where}: true'`;
      report(path, `needs Karmada's feature gate ${quote(gate)}, which is off: ${way}`);
    }
  }
}

/** Failover that never comes, or that reads what is not there. */
function checkFailover(spec: FederationSpec, report: Report): void {
  const apps = spec.apps.map(({ placement, propagation: { failover } }, i) => {
    const path = ['spec', 'apps', i];
    return { placement, failover, path, at: [...path, 'propagation', 'failover'] };
  });
  const policies = spec.policies.flatMap((policy, i) => {
    const path = ['spec', 'policies', i];
    if (policy.type !== 'propagation') return [];
    return [{ placement: policy.placement, failover: policy.failover, path, at: [...path, 'failover'] }];
  });
  for (const { placement, failover, path, at } of [...apps, ...policies]) {
    const lost = { key: NOT_READY_TAINT, effect: 'NoExecute' };
    const borne = (placement.tolerations ?? []).findIndex(
      (one) => one.tolerationSeconds === undefined && tolerates(one, lost),
    );
    if (failover?.cluster && borne >= 0) {
      report.warn(
        [...path, 'placement', 'tolerations', borne],
        "bears the loss of a member for ever, so that 'failover.cluster' never moves anything: give it 'tolerationSeconds', or another key",
      );
    }
    for (const key of ['application', 'cluster'] as const) {
      for (const [i, { jsonPath }] of (failover?.[key]?.statePreservation ?? []).entries()) {
        const [, rest] = /^\{\.status(\..+)\}$/.exec(jsonPath) ?? [];
        if (rest === undefined) continue;
        report.warn(
          [...at, key, 'statePreservation', i, 'jsonPath'],
          `is read below the status, which most likely has no 'status' itself: did you mean '{${rest}}'?`,
        );
      }
    }
  }
}

/** What the file says of a gate for a component: on, off, or nothing. */
function setting(spec: FederationSpec, gate: FeatureGate, component: string): boolean | undefined {
  const karmada: Settings = spec.controlPlane.karmada;
  const own =
    component === 'controllerManager' || component === 'scheduler' || component === 'webhook'
      ? karmada[component]
      : undefined;
  return (
    own?.featureGates?.[gate] ??
    karmada.featureGates?.[gate] ??
    (gate === 'Failover' && karmada.failover ? true : undefined)
  );
}

interface Gated {
  readonly featureGates?: { readonly [gate: string]: boolean };
}

/** What this check reads of the control plane's settings. */
interface Settings extends Gated {
  readonly failover?: boolean;
  readonly controllerManager?: Gated;
  readonly scheduler?: Gated;
  readonly webhook?: Gated;
}

interface Selection extends ResourceSelector {
  readonly path: Path;
  readonly priority: number;
}

interface NamedPolicy {
  readonly kind: 'propagation' | 'override';
  /** Nothing for a cluster-scoped policy. */
  readonly namespace?: string;
  readonly name: string;
  readonly path: Path;
  readonly priority?: number;
  readonly resources: readonly (ResourceSelector & { readonly path: Path })[];
}

/**
 * Two policies of one name, of which one would replace the other; and two that select the same objects by rules of the
 * same weight, of which the one with the lower name would win without a word (pkg/util/selector.go of Karmada).
 */
function checkSelections(spec: FederationSpec, report: Report): void {
  const names = new Map<string, Path>();
  const selections = new Map<string, Selection[]>();
  for (const { kind, namespace, name, path, priority = 0, resources } of policiesOf(spec)) {
    const place = `${kind} ${namespace ?? ''}/${name}`;
    const other = names.get(place);
    if (other) {
      report(
        path,
        `is the name of a policy already, that of ${formatPath(other)}: give this one another, not ${quote(name)}`,
      );
    } else {
      names.set(place, path);
    }
    if (kind === 'override') continue;
    for (const resource of resources) {
      const key = JSON.stringify([
        namespace ?? null,
        resource.apiVersion,
        resource.kind,
        resource.namespace ?? namespace ?? null,
        resource.name ?? [sorted(resource.labels), resource.labelExpressions ?? []],
      ]);
      const others = selections.get(key) ?? [];
      selections.set(key, others);
      const rival = others.find((one) => one.priority === priority && one.path !== resource.path);
      if (rival) {
        const what =
          resource.name === undefined ? `the same ${resource.kind}s` : `${resource.kind} ${quote(resource.name)}`;
        report(
          resource.path,
          `selects ${what} as ${formatPath(rival.path)} does: leave one out, or give one policy a higher 'priority'`,
        );
      }
      others.push({ ...resource, priority });
    }
  }
}

/** All policies that the federation will have, in the order of the file. */
function* policiesOf(spec: FederationSpec): Generator<NamedPolicy> {
  for (const [i, app] of spec.apps.entries()) {
    const {
      name,
      namespace,
      form,
      port,
      spin,
      overrides,
      container,
      propagation,
      scaling,
      ingress,
      multiClusterService,
    } = app;
    const path = ['spec', 'apps', i, 'name'];
    const own = (apiVersion: string, kind: string) => ({ apiVersion, kind, name, path });
    const resources = [form === 'spinapp' ? own(SPINKUBE_API, 'SpinApp') : own('apps/v1', 'Deployment')];
    if (form === 'deployment' && port !== undefined && !multiClusterService) resources.push(own('v1', 'Service'));
    if (scaling?.per === 'member' || (form === 'spinapp' && spin.autoscaler))
      resources.push(own('autoscaling/v2', 'HorizontalPodAutoscaler'));
    if (ingress) resources.push(own('networking.k8s.io/v1', 'Ingress'));
    yield { kind: 'propagation', namespace, name, path, priority: propagation.priority, resources };
    if (overrides.length > 0 || container) yield { kind: 'override', namespace, name, path, resources };
  }
  for (const [i, { name }] of spec.runtimes.entries()) {
    const path = ['spec', 'runtimes', i, 'name'];
    const resources = [{ apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', name, path }];
    yield { kind: 'propagation', name: runtimeClassPolicyName(name), path, resources };
  }
  for (const [i, policy] of spec.policies.entries()) {
    const { type, name, scope, resources } = policy;
    const path = ['spec', 'policies', i];
    const clusterScoped =
      scope === 'Cluster' || resources.some((one) => (one.scope ?? scopeOf(one.apiVersion, one.kind)) === 'Cluster');
    yield {
      kind: type,
      name,
      namespace: clusterScoped ? undefined : (policy.namespace ?? 'default'),
      path: [...path, 'name'],
      priority: type === 'propagation' ? policy.priority : undefined,
      resources: resources.map((resource, j) => ({ ...resource, path: [...path, 'resources', j] })),
    };
  }
}

function sorted(labels: { readonly [key: string]: string } = {}): [string, string][] {
  return Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
}

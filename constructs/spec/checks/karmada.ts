import { portsOf } from '../../k3s/flags.ts';
import { budgetFault } from '../../karmada/component-deployment.ts';
import { KARMADA_1_18_GATES } from '../../karmada/feature-gates.ts';
import { DEFAULT_CLUSTER_DOMAIN } from '../../karmada/names.ts';
import { ESTIMATED_NAME_LENGTH } from '../../karmada/scheduler-estimator.ts';
import type { DisruptionBudget, FeatureGates } from '../../karmada/settings.ts';
import { bitsOf, familyOf, prefixLength } from '../../network/addresses.ts';
import { publicAddress } from '../certificates.ts';
import { quote, type Report, suggest, suggestName } from '../faults.ts';
import type { ControlPlane, FederationSpec } from '../federation.ts';
import type { Karmada } from '../karmada.ts';
import { keptAway, nodesOf } from '../nodes.ts';
import type { Resources } from '../resources.ts';
import { checkAmounts, tinyFault } from './amounts.ts';

const PATH = ['spec', 'controlPlane', 'karmada'];

/** What the Karmada control plane and the members must have in common, and its own parts among each other. */
export function checkKarmada(spec: FederationSpec, report: Report): void {
  const { karmada } = spec.controlPlane;
  checkMembers(spec, report);
  checkReach(spec, report);
  checkRelease(karmada, report);
  checkGates(karmada, report);
  checkBudgets(karmada, report);
  checkEtcd(spec.controlPlane, report);
  checkVolumes(spec, report);
  checkDomain(spec, report);
  checkNodePort(spec, report);
  checkServiceNetwork(karmada, report);
  checkMemory(karmada, report);
  if (karmada.descheduler && !karmada.schedulerEstimator) {
    report([...PATH, 'descheduler'], "acts on what estimators tell: give 'schedulerEstimator', too, or leave this out");
  }
}

/** Members that parts of the control plane name. */
function checkMembers({ members, controlPlane }: FederationSpec, report: Report): void {
  const { schedulerEstimator, agent } = controlPlane.karmada;
  const names = members.map(({ name }) => name);
  for (const [part, what, named] of [
    ['schedulerEstimator', 'a member has one estimator', schedulerEstimator?.members ?? []],
    ['agent', 'a member has one agent', agent.members],
  ] as const) {
    for (const [i, { name }] of named.entries()) {
      const path = [...PATH, part, 'members', i, 'name'];
      const member = members.find((one) => one.name === name);
      if (!member) {
        report(path, `names ${quote(name)}, which is no member of the federation${suggestName(name, names)}`);
      } else if (named.findIndex((one) => one.name === name) < i) {
        report(path, `names ${quote(name)} again, leave it out: ${what}`);
      } else if (part === 'agent' && member.registration !== 'pull') {
        report(path, `names ${quote(name)}, which has no agent: give it 'registration: pull', or leave this out`);
      } else if (part === 'schedulerEstimator' && name.length > ESTIMATED_NAME_LENGTH) {
        report(
          path,
          `names ${quote(name)}, too long for the Service of an estimator: give it at most ${ESTIMATED_NAME_LENGTH} characters`,
        );
      }
    }
  }
}

/** Servers that bear the loss of one, and an etcd of Karmada's own that does not. */
function checkEtcd(controlPlane: ControlPlane, report: Report): void {
  const { hosts, karmada } = controlPlane;
  const { etcd } = karmada;
  const servers = hosts.filter(({ role }) => role === 'server').length;
  if (servers < 3 || 'external' in etcd || (etcd.replicas ?? 1) > 1) return;
  if (etcd.storage?.type === 'persistent' && etcd.storage.storageClass) return;
  const tolerations = etcd.tolerations ?? karmada.tolerations;
  const taking = nodesOf(controlPlane).filter((node) => keptAway({ tolerations }, node).length === 0);
  const tolerate = taking.length < 3 ? ", with 'tolerations' for the taints of hosts" : '';
  report.warn(
    [...PATH, 'etcd', 'replicas'],
    `is 1, so the Karmada API and all that joined it go with one node, though k3s has ${servers} servers and bears its loss: give 3, on volumes${tolerate}, or a 'storageClass' whose volumes outlive a node`,
  );
}

/** Volumes of etcd by a class that the cluster is told to do without. */
function checkVolumes({ controlPlane }: FederationSpec, report: Report): void {
  const { hosts, k3s, karmada } = controlPlane;
  const { etcd } = karmada;
  if (hosts.length === 0 || 'external' in etcd || etcd.storage?.type !== 'persistent' || etcd.storage.storageClass)
    return;
  if (!k3s.disable.includes('local-storage')) return;
  report.warn(
    [...PATH, 'etcd', 'storageClass'],
    "is not given, and k3s's own class is left out ('k3s.disable'), so that etcd waits for its volume unless another class is the default: name that, or have 'local-storage'",
  );
}

/** Karmada's components find each other by names in the DNS domain of their cluster. */
function checkDomain({ controlPlane }: FederationSpec, report: Report): void {
  const { hosts, k3s, karmada } = controlPlane;
  const domain = k3s.server['cluster-domain'] ?? DEFAULT_CLUSTER_DOMAIN;
  if (hosts.length === 0 || domain === karmada.clusterDomain || k3s.disable.includes('coredns')) return;
  report(
    [...PATH, 'clusterDomain'],
    `must be ${quote(domain)}, the 'cluster-domain' of the central cluster, by which Karmada's parts find each other`,
  );
}

/** The port of the Karmada API on nodes is one of those that their cluster gives to Services. */
function checkNodePort({ controlPlane }: FederationSpec, report: Report): void {
  const { hosts, k3s, karmada } = controlPlane;
  const { nodePort } = karmada.apiserver.service;
  if (nodePort === undefined) return;
  const range = String((hosts.length > 0 && k3s.server['service-node-port-range']) || '30000-32767');
  const [first = 0, last = 0] = portsOf(range);
  if (nodePort >= first && nodePort <= last) return;
  const tell = hosts.length > 0 ? report : report.warn;
  tell(
    [...PATH, 'apiserver', 'service', 'nodePort'],
    hosts.length > 0
      ? `must be one of ${range}, the ports that nodes of the central cluster give to Services`
      : `is none of ${range}, the ports that nodes give to Services unless a cluster is told otherwise`,
  );
}

/** Kubernetes does not start with fewer addresses for Services: ServiceIPRange of its pkg/controlplane/apiserver/options. */
function checkServiceNetwork({ apiserver: { serviceCidr } }: Karmada, report: Report): void {
  const bits = bitsOf(familyOf(serviceCidr));
  if (bits - prefixLength(serviceCidr) >= 3) return;
  report(
    [...PATH, 'apiserver', 'serviceCidr'],
    `'${serviceCidr}' has fewer than the 8 addresses that Kubernetes needs: give one of /${bits - 3} or wider`,
  );
}

/** Amounts of memory and of etcd's storage without their unit. */
function checkMemory(karmada: Karmada, report: Report): void {
  const { etcd } = karmada;
  const parts = [...Object.keys(REPLICAS), 'etcd', 'schedulerEstimator'] as const;
  for (const part of parts) {
    const { resources } = (karmada[part as keyof Karmada] ?? {}) as { resources?: Resources };
    checkAmounts(resources, [...PATH, part, 'resources'], report);
  }
  if ('external' in etcd || etcd.storage?.type === 'hostPath') return;
  const size = etcd.storage?.size;
  const fault = size === undefined ? undefined : tinyFault(size, 'Gi');
  if (fault) report.warn([...PATH, 'etcd', etcd.storage?.type === 'memory' ? 'memory' : 'storage'], fault);
}

/** An agent must reach the Karmada API. */
function checkReach({ members, controlPlane }: FederationSpec, report: Report): void {
  const { service } = controlPlane.karmada.apiserver;
  const pull = members.find(({ registration }) => registration === 'pull');
  if (!pull) {
    if (service.type !== 'NodePort' || service.nodePort !== undefined) return;
    report.warn(
      [...PATH, 'apiserver', 'service', 'nodePort'],
      'is not given, so that nobody knows the address of the Karmada API before it is there, and a kubeconfig needs a port-forward: take one of 30000 to 32767',
    );
    return;
  }
  const agent = `the agent of ${quote(pull.name)} ('registration: pull')`;
  const place = [...PATH, 'apiserver', 'service'];
  if (service.type === 'ClusterIP') {
    report(
      [...place, 'type'],
      `is ClusterIP, so that ${agent} cannot reach the Karmada API: take NodePort or LoadBalancer`,
    );
  } else if (publicAddress(controlPlane) === undefined) {
    report(
      ['spec', 'controlPlane', 'address'],
      `is required: ${agent} needs a name or an address at which it reaches the Karmada API`,
    );
  } else if (service.type === 'NodePort' && service.nodePort === undefined) {
    report(
      [...place, 'nodePort'],
      `is required: ${agent} must know the port of the Karmada API. Take one of 30000 to 32767`,
    );
  }
}

/** Whether a release is of the minor that the manifests are made for, and what is said of Karmada here holds for it. */
function isKnown(version: string): boolean {
  return /^v1\.18\./.test(version);
}

/** A later minor may have other flags and objects, and place otherwise. */
function checkRelease({ version }: Karmada, report: Report): void {
  if (isKnown(version)) return;
  report.warn(
    [...PATH, 'version'],
    `is ${version}, but the manifests and the plan are made for v1.18 and tested with it alone: look in Karmada's notes of the releases since for what has changed, and try it beside your federation first`,
  );
}

/** A gate that Karmada does not know, by which a component does not start; and one that failover needs. */
function checkGates(karmada: Karmada, report: Report): void {
  const { version, failover } = karmada;
  const given: [string[], FeatureGates | undefined][] = [
    [PATH, karmada.featureGates],
    // karmada-aggregated-apiserver knows those of Kubernetes' library, too.
    ...(['controllerManager', 'scheduler', 'webhook', 'schedulerEstimator'] as const).map(
      (component): [string[], FeatureGates | undefined] => [[...PATH, component], karmada[component]?.featureGates],
    ),
  ];
  for (const [path, gates = {}] of given) {
    for (const gate of Object.keys(gates)) {
      // Others may have come later.
      if (!isKnown(version) || KARMADA_1_18_GATES.includes(gate)) continue;
      const hint = suggest(gate, KARMADA_1_18_GATES);
      report([...path, 'featureGates', gate], `is no feature gate of Karmada ${version}${hint}`);
    }
  }
  for (const [path, gates] of given.filter(([path]) => path === PATH || path.at(-1) === 'controllerManager')) {
    if (failover && gates?.Failover === false) {
      report([...path, 'featureGates', 'Failover'], "is off, but 'failover' needs it: leave one of them out");
    }
  }
}

/** Replicas of components that say nothing. */
export const REPLICAS = {
  apiserver: 1,
  aggregatedApiserver: 1,
  kubeControllerManager: 1,
  controllerManager: 1,
  scheduler: 1,
  webhook: 1,
  agent: 1,
  descheduler: 2,
  search: 2,
  metricsAdapter: 1,
} as const;

/** Disruption budgets that would let no node be drained. */
function checkBudgets(karmada: Karmada, report: Report): void {
  const check = (component: string, budget: DisruptionBudget = {}, ...counts: number[]) => {
    const fault = counts.map((replicas) => budgetFault(budget, replicas)).find((one) => one !== undefined);
    if (fault) report([...PATH, component, 'podDisruptionBudget'], fault);
  };
  const { etcd, schedulerEstimator: estimator } = karmada;
  if (!('external' in etcd)) check('etcd', etcd.podDisruptionBudget, etcd.replicas ?? 1);
  for (const component of Object.keys(REPLICAS) as (keyof typeof REPLICAS)[]) {
    const settings = karmada[component];
    check(component, settings?.podDisruptionBudget, settings?.replicas ?? REPLICAS[component]);
  }
  const estimators = estimator?.members.map(({ replicas }) => replicas ?? estimator.replicas ?? 1) ?? [];
  check('schedulerEstimator', estimator?.podDisruptionBudget, ...estimators);
}

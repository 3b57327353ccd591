import { APISERVER_PORT, SERVICES } from '../karmada/names.ts';
import { ARGOCD_CLUSTER, HOST_CLUSTER, KARMADA_CLUSTER, MANAGEMENT_CLUSTER } from '../names.ts';
import { publicUrl } from '../spec/certificates.ts';
import { clustersOf, type FederationSpec } from '../spec/federation.ts';
import { requiredSecrets } from '../spec/secrets.ts';

/** Members that a row names one by one. */
export const MOST_MEMBERS = 12;

/** What a user types for a subcommand: `scripts/apply.sh` or `serverless-federation apply`. */
export type Called = (subcommand: string) => string;

/** A folder of `dist/`, or those of all members. */
export interface Target {
  readonly name: string;
  /** The API server that it is for. */
  readonly server: string;
  readonly holds: string;
  /** As Markdown, the commands that bring it up once the targets before it are: Secrets can be made from then on only. */
  readonly commands: string;
}

/** The targets in the order of application, those with nothing to bring up left out. */
export function targetsOf(spec: FederationSpec, called: Called): Target[] {
  const needed = requiredSecrets(spec);
  const secrets = (clusters: readonly string[]) => {
    const all = new Set(clusters);
    const here = needed.filter(({ cluster }) => all.has(cluster));
    const [names, places] = [new Set(here.map(({ name }) => name)), new Set(here.map(({ cluster }) => cluster))];
    if (names.size === 0) return [];
    // A Secret of the same name may be for a cluster that is not there yet. The script then leaves it for later, and says so.
    const elsewhere = needed.some(({ cluster, name }) => names.has(name) && !all.has(cluster));
    const only = elsewhere && places.size <= MOST_MEMBERS ? [...places].map((cluster) => `--cluster ${cluster}`) : [];
    return [[called('secrets'), ...only, ...names].join(' ')];
  };
  const members = spec.members.map(({ name }) => name);
  const bootstrap: Target = {
    name: 'bootstrap',
    server: `a management cluster (\`${MANAGEMENT_CLUSTER}\`)`,
    holds:
      "a Job for each host that brings k3s up on it over SSH and leaves its cluster's kubeconfig in the Secret `CLUSTER-kubeconfig`, and the list of Secrets",
    commands: `${lines(`${called('bootstrap')} --all`)}<br>or, by the Jobs:<br>${lines(
      ...secrets([MANAGEMENT_CLUSTER]),
      `${called('apply')} bootstrap`,
    )}`,
  };
  const host: Target = {
    name: 'host',
    server: `the central cluster (\`${HOST_CLUSTER}\`)`,
    holds: 'the Karmada control plane, and network add-ons where it has hosts',
    commands: lines(...secrets([HOST_CLUSTER]), `${called('apply')} host`, ...karmadaKubeconfig(spec, called)),
  };
  // What Argo CD does in place of a command.
  const sync = spec.argocd && (spec.argocd.autoSync.enabled ? 'Argo CD syncs it' : 'sync it in Argo CD');
  const all: Target = {
    name: 'members',
    server: 'that member',
    holds: "what joining needs, and where it has any: network add-ons, Wasm shims, Karmada's agent",
    commands: steps(
      ...secrets(members).map(code),
      sync ?? code(`${called('apply')} members`),
      code(`${called('join')} ${members.length > MOST_MEMBERS ? '$(ls dist/members)' : members.join(' ')}`),
    ),
  };
  const karmada: Target = {
    name: 'karmada',
    server: `the Karmada API (\`${KARMADA_CLUSTER}\`)`,
    holds: 'RuntimeClasses, apps, policies',
    commands: steps(...secrets([KARMADA_CLUSTER]).map(code), sync ?? code(`${called('apply')} karmada`)),
  };
  const argocd: Target = {
    name: 'argocd',
    server: `the cluster where Argo CD runs (\`${ARGOCD_CLUSTER}\`)`,
    holds: 'a project, and Applications for the other folders',
    commands: steps(
      ...argocdClusters(spec, called).map(code),
      'commit this folder, and push it',
      code(`${called('apply')} argocd`),
    ),
  };
  const made = clustersOf(spec).some(({ cluster }) => cluster.hosts.length > 0);
  return [...(made ? [bootstrap] : []), host, argocd, all, karmada];
}

/** What gives access to the Karmada API: by a port-forward where it has no address outside the central cluster. */
function karmadaKubeconfig({ controlPlane }: FederationSpec, called: Called): string[] {
  const make = (option = '') => `${called('karmada-kubeconfig')}${option} -o .kube/${KARMADA_CLUSTER}.kubeconfig`;
  if (publicUrl(controlPlane) !== undefined) return [make()];
  const { namespace } = controlPlane.karmada;
  return [
    `kubectl --kubeconfig .kube/${HOST_CLUSTER}.kubeconfig -n ${namespace} port-forward service/${SERVICES.apiserver} ${APISERVER_PORT} &`,
    make(` --server https://127.0.0.1:${APISERVER_PORT}`),
  ];
}

/** What tells Argo CD the clusters: to a Karmada API without an address outside, it gets from the central cluster alone. */
function argocdClusters({ controlPlane }: FederationSpec, called: Called): string[] {
  if (publicUrl(controlPlane) !== undefined) return [called('argocd-clusters')];
  const inside = `.kube/${KARMADA_CLUSTER}-inside.kubeconfig`;
  return [
    `${called('karmada-kubeconfig')} --inside -o ${inside}`,
    `${called('argocd-clusters')} --kubeconfig ${KARMADA_CLUSTER}=${inside}`,
  ];
}

function lines(...commands: readonly string[]): string {
  return steps(...commands.map(code));
}

const steps = (...texts: readonly string[]) => texts.join('<br>');
const code = (command: string) => `\`${command}\``;

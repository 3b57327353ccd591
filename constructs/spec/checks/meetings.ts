import { lookup } from '../../../simulation/lookup.ts';
import { certificatesOf } from '../../karmada/certificates/plan.ts';
import {
  bootstrapSecretNames,
  FEDERATION_NAMESPACE,
  HOST_CLUSTER,
  hostJobName,
  MANAGEMENT_CLUSTER,
  OWN_NAMESPACES,
  policyFile,
  runtimeClassPolicyName,
} from '../../names.ts';
import { formatPath, type Path, quote, type Report } from '../faults.ts';
import { clustersOf, type FederationSpec } from '../federation.ts';
import { requiredSecrets } from '../secrets.ts';

/** Names that differ in the file and come to the same in `dist/` or on a cluster, and those that we need ourselves. */
export function checkMeetings(spec: FederationSpec, report: Report): void {
  checkPolicyNames(spec, report);
  checkHostNames(spec, report);
  checkNamespaces(spec, report);
  checkSecretNames(spec, report);
  checkMemberNames(spec, report);
}

/** Policies are objects and files, beside those that apps and runtimes have of their own. */
function checkPolicyNames({ policies, apps, runtimes }: FederationSpec, report: Report): void {
  const files = new Map<string, Path>();
  const appNames = new Set(apps.map(({ namespace, name }) => `${namespace}/${name}`));
  const classes = new Map(runtimes.map(({ name }) => [runtimeClassPolicyName(name), name]));
  for (const [i, policy] of policies.entries()) {
    const path = ['spec', 'policies', i];
    const { type, name, namespace } = policy;
    const other = files.get(policyFile(policy));
    if (other) {
      report(
        [...path, 'name'],
        `comes to the same file as ${formatPath(other)}, ${quote(`karmada/${policyFile(policy)}.yaml`)}: give one of them another name`,
      );
    }
    files.set(policyFile(policy), path);
    if (namespace !== undefined && appNames.has(`${namespace}/${name}`)) {
      report([...path, 'name'], `is the name of an app, whose own policies bear it: give the policy another name`);
    }
    const runtime = namespace === undefined && type === 'propagation' ? classes.get(name) : undefined;
    if (runtime !== undefined) {
      report([...path, 'name'], `is what the policy of the runtime ${quote(runtime)} is called: give it another name`);
    }
  }
}

/** What the bootstrap makes for hosts lies in one namespace. */
function checkHostNames(spec: FederationSpec, report: Report): void {
  const made = new Map<string, Path>();
  for (const { cluster, path } of clustersOf(spec)) {
    for (const [i, host] of cluster.hosts.entries()) {
      const name = hostJobName(cluster.name, host.name);
      const other = made.get(name);
      const own = [...path, 'hosts', i];
      // Two hosts of one name have their fault already.
      if (other && formatPath(other.slice(0, -2)) !== formatPath(path)) {
        report(
          [...own, 'name'],
          `comes to the same Job as ${formatPath(other)}, ${quote(name)}: give one another name`,
        );
      }
      made.set(name, own);
    }
  }
}

/** Namespaces that are ours: neither Karmada nor an app may be put into them. */
function checkNamespaces({ controlPlane, argocd, apps, policies, quotas }: FederationSpec, report: Report): void {
  const { namespace } = controlPlane.karmada;
  const path = ['spec', 'controlPlane', 'karmada', 'namespace'];
  const owner = ownerOf(namespace);
  if (owner !== undefined) {
    report(path, `must be a namespace of its own, and ${quote(namespace)} is that of ${owner}`);
  }
  const others = argocd && (argocd.namespace === namespace ? 'Karmada' : ownerOf(argocd.namespace));
  if (others) {
    const message = `must be another namespace, ${quote(argocd.namespace)} is that of ${others}`;
    report(['spec', 'argocd', 'namespace'], message);
  }
  for (const [key, entries] of Object.entries({ apps, policies, quotas })) {
    for (const [i, { namespace: used }] of entries.entries()) {
      if (used === undefined) continue;
      const other = used === namespace ? 'Karmada' : ownerOf(used);
      if (other === undefined) continue;
      report(['spec', key, i, 'namespace'], `must be another namespace, ${quote(used)} is that of ${other}`);
    }
  }
}

function ownerOf(namespace: string): string | undefined {
  return lookup(OWN_NAMESPACES, namespace);
}

/** Secrets that somebody brings must not be those that we make. */
function checkSecretNames(spec: FederationSpec, report: Report): void {
  const { karmada } = spec.controlPlane;
  const made = new Map<string, string>();
  for (const { cluster } of clustersOf(spec).filter(({ cluster }) => cluster.hosts.length > 0)) {
    for (const name of Object.values(bootstrapSecretNames(cluster.name))) {
      made.set(`${MANAGEMENT_CLUSTER}/${FEDERATION_NAMESPACE}/${name}`, `the bootstrap of ${quote(cluster.name)}`);
    }
  }
  if (karmada.certificates.source !== 'existing') {
    for (const { secretName } of certificatesOf({ ...karmada, components: [], hosts: [] })) {
      made.set(`${HOST_CLUSTER}/${karmada.namespace}/${secretName}`, 'the certificates of Karmada');
    }
  }
  for (const { cluster, namespace, name } of requiredSecrets(spec)) {
    const maker = made.get(`${cluster}/${namespace}/${name}`);
    if (maker === undefined) continue;
    report(
      ['spec', ...placeOfSecret(spec, cluster, name)],
      `names the Secret ${quote(name)}, which ${maker} makes: give it another name`,
    );
  }
}

/** The setting that names a Secret, as near as it is known. */
function placeOfSecret({ ssh, vpn }: FederationSpec, cluster: string, name: string): Path {
  if (cluster !== MANAGEMENT_CLUSTER) return ['controlPlane', 'karmada'];
  return ssh.secret === name || !vpn ? ['ssh', 'secret'] : ['vpn', 'secret', 'name'];
}

/** Karmada binds the user of an agent of this name to the role that approves agents (pkg/karmadactl of Karmada). */
function checkMemberNames({ members }: FederationSpec, report: Report): void {
  for (const [i, { name }] of members.entries()) {
    if (name !== 'rbac-generator') continue;
    report(
      ['spec', 'members', i, 'name'],
      "must not be 'rbac-generator': Karmada gives the agent of that name the rights of the one that sets up agents",
    );
  }
}

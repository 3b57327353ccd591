import { k8s } from 'cdk8s-plus-28';
import { type Manifest, make } from './manifest.ts';

export const RBAC = 'rbac.authorization.k8s.io';

/** What it takes to look at a kind. */
export const READ = ['get', 'list', 'watch'];

interface Grant {
  /** Of the role and of its binding. */
  readonly name: string;
  /** @default - the whole Karmada API */
  readonly namespace?: string;
  readonly users: readonly string[];
  readonly rules: readonly k8s.PolicyRule[];
  readonly labels?: Record<string, string>;
}

/** A role, and its binding to users. */
export function grant({ name, namespace, users, rules, labels }: Grant): Manifest[] {
  if (!namespace) {
    return [
      make(k8s.KubeClusterRole, { metadata: { name, labels }, rules: [...rules] }),
      bindCluster(name, name, users, labels),
    ];
  }
  const metadata = { name, namespace, labels };
  return [
    make(k8s.KubeRole, { metadata, rules: [...rules] }),
    make(k8s.KubeRoleBinding, {
      metadata,
      roleRef: { apiGroup: RBAC, kind: 'Role', name },
      subjects: toSubjects(users),
    }),
  ];
}

/** Binds a ClusterRole to users. */
export function bindCluster(
  name: string,
  role: string,
  users: readonly string[],
  labels?: Record<string, string>,
): Manifest {
  return make(k8s.KubeClusterRoleBinding, {
    metadata: { name, labels },
    roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: role },
    subjects: toSubjects(users),
  });
}

export function toSubjects(users: readonly string[]): k8s.Subject[] {
  return users.map((name) => ({ apiGroup: RBAC, kind: 'User', name }));
}

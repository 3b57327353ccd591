import { readFileSync } from 'node:fs';
import type { Obj } from '../harness/api.ts';

export interface Confinement {
  readonly user: number;
  readonly group: number;
  /** Whether it is in the group that owns the pod's volumes. */
  readonly ownsVolumes: boolean;
  /** The most capabilities that it can ever have, as bits. */
  readonly capabilities: number;
  /** Whether system calls are filtered. */
  readonly seccomp: boolean;
  readonly noNewPrivileges: boolean;
  readonly readOnlyRoot: boolean;
}

/** Capabilities that manifests ask for, as the kernel numbers them. */
const CAPABILITIES: Readonly<Record<string, number>> = { NET_BIND_SERVICE: 10 };

/** How a container is to be confined by its manifest. */
export function wanted(pod: Obj, container: Obj): Confinement {
  const security = { ...pod.spec.securityContext, ...container.securityContext };
  const { add = [], drop = [] } = security.capabilities ?? {};
  if (!drop.includes('ALL')) throw new Error(`container "${container.name}" keeps what the runtime gives by default`);
  return {
    user: security.runAsUser,
    group: security.runAsGroup,
    ownsVolumes: security.fsGroup !== undefined,
    capabilities: add.reduce((bits: number, name: string) => bits | (1 << CAPABILITIES[name]!), 0),
    seccomp: security.seccompProfile?.type === 'RuntimeDefault',
    noNewPrivileges: security.allowPrivilegeEscalation === false,
    readOnlyRoot: security.readOnlyRootFilesystem === true,
  };
}

/** How a process of a pod is confined, as the kernel says. */
export function found(pod: Obj, id: number): Confinement {
  const status = readFileSync(`/proc/${id}/status`, 'utf8');
  const field = (name: string) => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)![1]!;
  const root = readFileSync(`/proc/${id}/mountinfo`, 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .find(([, , , , place]) => place === '/')!;
  return {
    user: Number(field('Uid').split('\t')[1]),
    group: Number(field('Gid').split('\t')[1]),
    ownsVolumes: field('Groups').split(' ').includes(String(pod.spec.securityContext.fsGroup)),
    capabilities: Number.parseInt(field('CapBnd'), 16),
    seccomp: field('Seccomp') === '2',
    noNewPrivileges: field('NoNewPrivs') === '1',
    readOnlyRoot: root[5]!.split(',').includes('ro'),
  };
}

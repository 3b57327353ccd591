import { join, resolve } from 'node:path';
import { fromEnvironment } from '../environment.ts';
import { here } from '../here.ts';
import { Misuse } from '../misuse.ts';

/** How clusters are reached, as the options of every script have it. */
export interface AccessOptions {
  readonly kubeconfig?: readonly string[];
  readonly context?: readonly string[];
  readonly kubeconfigDir?: string;
}

/** The kubeconfig of a cluster, and the context in it. */
export interface Access {
  readonly file: string;
  readonly context?: string;
}

/** Clusters that have a name beside the members'. */
const CENTRAL = ['management', 'host', 'karmada', 'argocd'];

/**
 * Makes sure that options name clusters that there are.
 *
 * @param members names of the members that dist/ holds.
 * @param command what a user types, for messages.
 * @throws Misuse for a name that no cluster has.
 */
export function checkClusters(
  { kubeconfig = [], context = [] }: AccessOptions,
  members: readonly string[],
  command: string,
): void {
  for (const value of [...kubeconfig, ...context]) {
    const name = NAMED.exec(value)?.[1];
    if (name === undefined || CENTRAL.includes(name) || members.includes(name)) continue;
    throw new Misuse(`'${value}' names cluster '${name}': there are ${CENTRAL.join(', ')} and the members`, command);
  }
}

/** A value with `CLUSTER=` before it. */
const NAMED = /^([a-z0-9-]+)=(.+)$/s;

/**
 * How a cluster is reached.
 *
 * @param only whether no other cluster is meant, so that values without `CLUSTER=` are about this one.
 * @param command what a user types, for messages.
 * @throws Misuse for values without `CLUSTER=` where several clusters are meant.
 */
export function accessTo(cluster: string, options: AccessOptions, only: boolean, command: string): Access {
  const of = (values: readonly string[] = []) => {
    let found: string | undefined;
    for (const value of values) {
      if (/^[a-z0-9-]+=$/.test(value)) throw new Misuse(`'${value}' names nothing behind the '='`, command);
      const [, whose, rest] = NAMED.exec(value) ?? [];
      if (whose === undefined && !only) {
        throw new Misuse(`several clusters are meant: say whose '${value}' is, as in ${cluster}=${value}`, command);
      }
      if (whose === undefined || whose === cluster) found = rest ?? value;
    }
    return found;
  };
  const given = options.kubeconfigDir ?? fromEnvironment('KUBECONFIG_DIR', command);
  const folder = given === undefined ? resolve('.kube') : resolve(here(), given);
  const [file, context] = [of(options.kubeconfig), of(options.context)];
  return {
    file: file === undefined ? join(folder, `${cluster}.kubeconfig`) : resolve(here(), file),
    ...(context && { context }),
  };
}

import { join, resolve } from 'node:path';
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
      const [, whose, rest] = /^([a-z0-9-]+)=(.+)$/s.exec(value) ?? [];
      if (whose === undefined && !only) {
        throw new Misuse(`several clusters are meant: say whose '${value}' is, as in ${cluster}=${value}`, command);
      }
      if (whose === undefined || whose === cluster) found = rest ?? value;
    }
    return found;
  };
  const given = options.kubeconfigDir ?? process.env.KUBECONFIG_DIR;
  const folder = given === undefined ? resolve('.kube') : resolve(here(), given);
  const [file, context] = [of(options.kubeconfig), of(options.context)];
  return {
    file: file === undefined ? join(folder, `${cluster}.kubeconfig`) : resolve(here(), file),
    ...(context && { context }),
  };
}

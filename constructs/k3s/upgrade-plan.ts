import { readFileSync } from 'node:fs';
import { Construct } from 'constructs';
import { Plan, type PlanSpec } from '../../imports/plan-upgrade.cattle.io.ts';
import { mirrored } from '../images.ts';
import { RELEASES_SCRIPT } from './bootstrap/scripts.ts';
import { UPGRADE_NAMESPACE, UPGRADE_SERVICE_ACCOUNT } from './system-upgrade-controller.ts';

/** Properties of `UpgradePlans`. */
export interface UpgradePlansProps {
  /** k3s release that all nodes of the cluster are to run. */
  readonly version: string;
  /**
   * Agents that are upgraded at a time. Servers are upgraded one by one.
   *
   * @default 1
   */
  readonly concurrency?: number;
  /**
   * Whether an agent is drained before. Servers are only cordoned, for their pods go on while k3s restarts.
   *
   * @default true
   */
  readonly drain?: boolean;
  /**
   * Mirror that images are pulled through.
   *
   * @default - each from its own registry
   */
  readonly registry?: string;
  /**
   * Secrets of the namespace that images are pulled with.
   *
   * @default - none
   */
  readonly imagePullSecrets?: readonly string[];
}

const SERVER_PLAN = 'k3s-server';
const AGENT_PLAN = 'k3s-agent';

/** First step of the Job of a node, as `sh -c` takes it. */
const PREPARE = `${RELEASES_SCRIPT}\n${readFileSync(new URL('prepare-upgrade.sh', import.meta.url), 'utf8')}`;

/**
 * Defines the Plans by which system-upgrade-controller brings the nodes of a cluster to a k3s release: the servers one
 * by one, then the agents. The first step of each node refuses to skip a minor or to go back, and has agents wait for the
 * servers.
 *
 * A node with the label `plan.upgrade.cattle.io/<plan>: disabled` is left alone. See docs.k3s.io/upgrades/automated;
 * agents wait by a command of the image, scripts/upgrade.sh of github.com/k3s-io/k3s-upgrade.
 */
export class UpgradePlans extends Construct {
  constructor(scope: Construct, id: string, props: UpgradePlansProps) {
    super(scope, id);
    const { version, concurrency = 1, drain = true, registry, imagePullSecrets } = props;
    // A tag has no plus sign.
    const image = mirrored(`docker.io/rancher/k3s-upgrade:${version.replace('+', '-')}`, registry);
    const plan = (id: string, name: string, isServer: boolean, spec: Partial<PlanSpec>) => {
      const args = ['prepare', version, ...(isServer ? [] : [SERVER_PLAN])];
      new Plan(this, id, {
        metadata: { name, namespace: UPGRADE_NAMESPACE },
        spec: {
          version,
          nodeSelector: {
            matchExpressions: [
              { key: 'node-role.kubernetes.io/control-plane', operator: isServer ? 'Exists' : 'DoesNotExist' },
            ],
          },
          serviceAccountName: UPGRADE_SERVICE_ACCOUNT,
          imagePullSecrets: imagePullSecrets?.map((secret) => ({ name: secret })),
          // No node is left out for its taints.
          tolerations: [{ operator: 'Exists' }],
          prepare: { image, command: ['sh', '-c', PREPARE], args },
          upgrade: { image },
          ...spec,
        },
      });
    };
    plan('Servers', SERVER_PLAN, true, { concurrency: 1, cordon: true });
    plan('Agents', AGENT_PLAN, false, {
      concurrency,
      cordon: true,
      // Pods without a controller, which a drain would stop at, do not come back anyway.
      ...(drain && { drain: { force: true, skipWaitForDeleteTimeout: 60 } }),
    });
  }
}

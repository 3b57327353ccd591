import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { FEDERATION_NAMESPACE } from './names.ts';
import { toYaml } from './output/yaml.ts';
import { enforce } from './security.ts';

/** A taint as Kubernetes objects hold it. */
export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
}

/** Properties of `MemberRecord`. */
export interface MemberRecordProps {
  /** Name of the federation that the cluster is a member of. */
  readonly federation: string;
  /** Name of the member in Karmada. */
  readonly name: string;
  /** Who calls whom: `push`, the control plane calls the member; `pull`, an agent calls the control plane. */
  readonly registration: 'push' | 'pull';
  /** @default - the provider is not told */
  readonly provider?: string;
  /** @default - the region is not told */
  readonly region?: string;
  /** @default - the zones are not told */
  readonly zones?: readonly string[];
  /**
   * Labels of the Cluster object, which placements select by.
   *
   * @default - none
   */
  readonly labels?: Record<string, string>;
  /**
   * Taints of the Cluster object, as `key=value:Effect`.
   *
   * @default - none
   */
  readonly taints?: readonly string[];
  /**
   * What joining by pull needs.
   *
   * @default - none: the member can only be joined by push
   */
  readonly pull?: {
    /** URL at which the member reaches the Karmada API server, such as `https://karmada.example.com:32443`. */
    readonly karmadaServer: string;
    /** Objects for the Karmada API that let the agent do its work: `agentAccess` of `karmada/agent.ts`. */
    readonly access: readonly object[];
  };
}

/**
 * Defines what a member cluster knows of its federation: a Namespace and in it the ConfigMap `member`, from which
 * `scripts/join.sh` takes what it tells Karmada. The key `cluster.yaml` holds the part of Karmada's Cluster object that
 * the federation file decides, for a server-side apply after joining: before, the object must not exist
 * (pkg/karmadactl/join of Karmada refuses a cluster that does). For a member that is joined by pull, `agent.yaml` holds
 * what is applied there before, and `karmadaServer` the address for the agent's kubeconfig.
 */
export class MemberRecord extends Construct {
  constructor(scope: Construct, id: string, props: MemberRecordProps) {
    super(scope, id);
    const { federation, name, registration, zones = [], pull } = props;
    // No pod of ours runs here.
    new k8s.KubeNamespace(this, 'Namespace', {
      metadata: { name: FEDERATION_NAMESPACE, labels: enforce('restricted') },
    });
    new k8s.KubeConfigMap(this, 'Resource', {
      metadata: { name: 'member', namespace: FEDERATION_NAMESPACE },
      data: {
        federation,
        name,
        registration,
        ...placeOf(props),
        ...(zones.length > 0 && { zones: zones.join(',') }),
        ...(pull && { karmadaServer: pull.karmadaServer, 'agent.yaml': toYaml(...pull.access) }),
        'cluster.yaml': toYaml(clusterObject(props)),
      },
    });
  }
}

/** The part of Karmada's Cluster object that the federation file decides. */
export function clusterObject(props: Omit<MemberRecordProps, 'federation' | 'pull'>) {
  const { name, registration, zones = [], labels = {}, taints = [] } = props;
  return {
    apiVersion: 'cluster.karmada.io/v1alpha1',
    kind: 'Cluster',
    metadata: { name, labels },
    spec: {
      syncMode: registration === 'pull' ? 'Pull' : 'Push',
      ...placeOf(props),
      ...(zones.length > 0 && { zones: [...zones] }),
      ...(taints.length > 0 && { taints: taints.map(parseTaint) }),
    },
  };
}

function placeOf({ provider, region }: Pick<MemberRecordProps, 'provider' | 'region'>) {
  return { ...(provider && { provider }), ...(region && { region }) };
}

/** `key=value:Effect` or `key:Effect` in its parts. */
export function parseTaint(text: string): Taint {
  const [pair = '', effect = ''] = text.split(/:(?=[^:]*$)/);
  const [key = '', value] = pair.split('=');
  return { key, ...(value !== undefined && { value }), effect };
}

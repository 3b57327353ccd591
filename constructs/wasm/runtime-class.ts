import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';

/** Properties for `WasmRuntimeClass`. */
export interface WasmRuntimeClassProps {
  /** Name that pods put into `runtimeClassName`. */
  readonly name: string;
  /**
   * Runtime in containerd's configuration that runs the pods. Kubernetes never lets it be changed.
   *
   * @default - the name.
   */
  readonly handler?: string;
  /**
   * Labels that a node must carry to get these pods.
   *
   * @default - any node: a pod on one without the handler stays in ContainerCreating.
   */
  readonly nodeSelector?: { readonly [key: string]: string };
  /**
   * Taints of nodes that these pods bear.
   *
   * @default - none.
   */
  readonly tolerations?: readonly k8s.Toleration[];
  /**
   * What a pod needs beside its containers, as quantities of `cpu` and `memory`.
   *
   * @default - nothing is added.
   */
  readonly overhead?: { readonly [resource: string]: string };
}

/** Defines a RuntimeClass for Wasm pods. */
export class WasmRuntimeClass extends Construct {
  /** What a pod puts into `runtimeClassName`. */
  readonly runtimeClassName: string;

  constructor(scope: Construct, id: string, props: WasmRuntimeClassProps) {
    super(scope, id);
    const { name, handler = name, nodeSelector = {}, tolerations = [], overhead } = props;
    if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(handler)) {
      throw new Error(`'handler' must be a lower case DNS label, such as 'spin', got '${handler}'`);
    }
    const selects = Object.keys(nodeSelector).length > 0;
    new k8s.KubeRuntimeClass(this, 'Resource', {
      metadata: { name },
      handler,
      scheduling:
        selects || tolerations.length > 0
          ? {
              nodeSelector: selects ? { ...nodeSelector } : undefined,
              tolerations: tolerations.length > 0 ? [...tolerations] : undefined,
            }
          : undefined,
      overhead: overhead && {
        podFixed: Object.fromEntries(
          Object.entries(overhead).map(([resource, quantity]) => [resource, k8s.Quantity.fromString(quantity)]),
        ),
      },
    });
    this.runtimeClassName = name;
  }
}

import { Construct } from 'constructs';
import {
  type CommandOverrider,
  OverridePolicy,
  type OverrideRule,
  type PlaintextOverrider,
} from '../karmada/override-policy.ts';
import type { Placement } from '../karmada/placement.ts';
import { type PropagationOptions, PropagationPolicy } from '../karmada/propagation-policy.ts';
import type { ResourceSelector } from '../karmada/resource-selector.ts';
import { SpinApp, type SpinAppProps } from './spin-app.ts';

/** A change of an app on some members; without a container it is for the app's own. */
export interface AppOverrideRule extends Omit<OverrideRule, 'command' | 'args'> {
  /** @default - none. */
  readonly command?: readonly AppCommandOverrider[];
  /** @default - none. */
  readonly args?: readonly AppCommandOverrider[];
}

/** Words to append to, or to take out of, the command or arguments of a container. */
export interface AppCommandOverrider extends Omit<CommandOverrider, 'container'> {
  /** @default - the app's own. */
  readonly container?: string;
}

/** What runs on members without the Wasm runtime. */
export interface ContainerForm {
  /** Image of the container, with a tag or digest. */
  readonly image: string;
  /** @default - the image's own. */
  readonly command?: readonly string[];
  /** @default - the image's own. */
  readonly args?: readonly string[];
  /** Members where it runs; not the ones that have the runtime. */
  readonly members: readonly string[];
}

/** Properties for `FederatedApp`. */
export interface FederatedAppProps extends SpinAppProps {
  /**
   * Runs as an ordinary container on these members.
   *
   * @default - the app is the same everywhere.
   */
  readonly container?: ContainerForm;
  /**
   * Members where the app goes.
   *
   * @default - every member.
   */
  readonly placement?: Placement;
  /**
   * How Karmada treats the copies. `propagateDeps` is on where the app names Secrets, ConfigMaps or a ServiceAccount,
   * and the policy waits for the app's own overrides.
   *
   * @default - as Karmada does.
   */
  readonly propagation?: PropagationOptions;
  /**
   * What differs on some members.
   *
   * @default - nothing.
   */
  readonly overrides?: readonly AppOverrideRule[];
}

/** Defines an app of the federation: its workload, where it goes, and how it differs from member to member. */
export class FederatedApp extends Construct {
  constructor(scope: Construct, id: string, props: FederatedAppProps) {
    super(scope, id);
    const { name, namespace, placement, propagation = {} } = props;
    const app = new SpinApp(this, 'App', props);
    const workload: ResourceSelector = { apiVersion: 'apps/v1', kind: 'Deployment', name };

    const rules = [...containerRules(props), ...(props.overrides ?? []).map((rule) => toOverrideRule(rule, name))];
    if (rules.length > 0) new OverridePolicy(this, 'Overrides', { name, namespace, resources: [workload], rules });
    const dependentOverrides = [...(rules.length > 0 ? [name] : []), ...(propagation.dependentOverrides ?? [])];
    new PropagationPolicy(this, 'Placement', {
      ...propagation,
      name,
      namespace,
      resources: app.objects,
      placement,
      propagateDeps: propagation.propagateDeps ?? (app.hasDependencies ? true : undefined),
      dependentOverrides: dependentOverrides.length > 0 ? dependentOverrides : undefined,
    });
  }
}

function toOverrideRule(rule: AppOverrideRule, name: string): OverrideRule {
  const own = (list?: readonly AppCommandOverrider[]) =>
    list?.map(({ container = name, operator, value }) => ({ container, operator, value }));
  return { ...rule, command: own(rule.command), args: own(rule.args) };
}

/**
 * Turns the Wasm form into the container form where the runtime is missing: another image, no RuntimeClass, and the
 * container's own command. All of it is plaintext, which Karmada applies after everything else.
 */
function containerRules({ container, runtimeClassName, command, args, name }: FederatedAppProps): OverrideRule[] {
  if (!container || container.members.length === 0) return [];
  if (runtimeClassName === undefined) {
    throw new Error(`'container' of '${name}' stands in for a Wasm form, give the app a 'runtimeClassName'`);
  }
  const own = '/spec/template/spec/containers/0';
  const swap = (field: string, old?: readonly string[], now?: readonly string[]): PlaintextOverrider[] => {
    const path = `${own}/${field}`;
    if (now) return [{ path, operator: old ? 'replace' : 'add', value: [...now] }];
    return old ? [{ path, operator: 'remove' }] : [];
  };
  const plaintext: PlaintextOverrider[] = [
    { path: '/spec/template/spec/runtimeClassName', operator: 'remove' },
    { path: `${own}/image`, operator: 'replace', value: container.image },
    ...swap('command', command ?? ['/'], container.command),
    ...swap('args', args, container.args),
  ];
  return [{ target: { clusters: container.members }, plaintext }];
}

import { overrideImage } from '../../simulation/override/image.ts';
import type { CommandOverrider, OverrideRule, PlaintextOverrider } from '../policy/override-policy.ts';
import { type AppDeploymentProps, type Resources, spinVariable } from './app-deployment.ts';
import { type Layout, overrideValues } from './value-overrides.ts';

/** A change of an app on some members; without a container it is for the app's own. */
export interface AppOverrideRule extends Omit<OverrideRule, 'command' | 'args'> {
  /** @default - none. */
  readonly command?: readonly AppCommandOverrider[];
  /** @default - none. */
  readonly args?: readonly AppCommandOverrider[];
  /**
   * Environment variables by name, of a Deployment.
   *
   * @default - the app's own.
   */
  readonly env?: { readonly [name: string]: string };
  /**
   * Spin variables by name.
   *
   * @default - the app's own.
   */
  readonly variables?: { readonly [name: string]: string };
  /**
   * Replicas on each of the members, whatever Karmada has given them.
   *
   * @default - as Karmada divides or copies them.
   */
  readonly replicas?: number;
  /**
   * Requests and limits by resource.
   *
   * @default - the app's own.
   */
  readonly resources?: Resources;
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

/** What of an app its overrides depend on. */
export interface OverriddenApp
  extends Pick<AppDeploymentProps, 'name' | 'image' | 'runtimeClassName' | 'command' | 'args'> {
  readonly form?: 'deployment' | 'spinapp';
  readonly container?: ContainerForm;
  readonly overrides?: readonly AppOverrideRule[];
}

/** The app's own container in a Deployment: its only one. */
const CONTAINER = '/spec/template/spec/containers/0';

/** Where workloads hold what overrides set by name. */
const LAYOUTS = {
  deployment: { variables: `${CONTAINER}/env`, replicas: '/spec/replicas', resources: `${CONTAINER}/resources` },
  spinapp: { variables: '/spec/variables', replicas: '/spec/replicas', resources: '/spec/resources' },
} satisfies Record<string, Layout>;

/**
 * The rules of an app's override policy: first what makes it a container where its runtime is missing, then its own.
 *
 * @param workload tells the object that is overridden, as it is applied: places in its lists are counted there.
 */
export function appOverrides(app: OverriddenApp, workload: () => object): OverrideRule[] {
  const { form = 'deployment', overrides = [] } = app;
  const values = overrides.map(({ env, variables = {}, replicas, resources }) => {
    const named = Object.entries(variables).map(([name, value]) => [
      form === 'spinapp' ? name : spinVariable(name),
      value,
    ]);
    return { variables: { ...Object.fromEntries(named), ...env }, replicas, resources };
  });
  const { common, rules } = overrideValues(workload, LAYOUTS[form], values);
  return [
    ...(form === 'deployment' ? containerRules(app) : []),
    ...(common.length > 0 ? [{ plaintext: common }] : []),
    ...overrides.map((rule, i) => withDigest(app, toOverrideRule(rule, app.name, form, rules[i] ?? []))),
  ];
}

/** Names the app's own container, and the image of a SpinApp, where Karmada would not look for it. */
function toOverrideRule(
  { env: _e, variables: _v, replicas: _r, resources: _s, ...rule }: AppOverrideRule,
  name: string,
  form: 'deployment' | 'spinapp',
  values: readonly PlaintextOverrider[],
): OverrideRule {
  const own = (list?: readonly AppCommandOverrider[]) =>
    list?.map(({ container = name, operator, value }) => ({ container, operator, value }));
  const plaintext = [...values, ...(rule.plaintext ?? [])];
  return {
    ...rule,
    image: form === 'spinapp' ? rule.image?.map((one) => ({ path: '/spec/image', ...one })) : rule.image,
    command: own(rule.command),
    args: own(rule.args),
    plaintext: plaintext.length > 0 ? plaintext : undefined,
  };
}

/** A tag and a digest: what Karmada loses the latter of, whatever component of the image it overrides. */
const TAG_AND_DIGEST = /^([^@]+:[^@/]+)@([^@]+)$/;

/**
 * Writes an image that has a tag and a digest out as a whole where another registry or repository is set, so that it
 * keeps its digest. Another tag is another image, which has no digest yet.
 */
function withDigest({ image, container, form }: OverriddenApp, rule: OverrideRule): OverrideRule {
  const [, name, digest] = TAG_AND_DIGEST.exec(image) ?? [];
  const changes = rule.image ?? [];
  if (name === undefined || container || changes.length === 0) return rule;
  const path = form === 'spinapp' ? '/spec/image' : `${CONTAINER}/image`;
  if (changes.some((change) => change.component === 'Tag' || (change.path ?? path) !== path)) return rule;
  const changed = changes.reduce(overrideImage, name);
  const { image: _, plaintext = [], ...rest } = rule;
  return { ...rest, plaintext: [{ path, operator: 'replace', value: `${changed}@${digest}` }, ...plaintext] };
}

/**
 * Turns the Wasm form into the container form where the runtime is missing: another image, no RuntimeClass, and the
 * container's own command. All of it is plaintext, which Karmada applies after everything else.
 */
function containerRules({ container, runtimeClassName, command, args, name }: OverriddenApp): OverrideRule[] {
  if (!container || container.members.length === 0) return [];
  if (runtimeClassName === undefined) {
    throw new Error(`'container' of '${name}' stands in for a Wasm form, give the app a 'runtimeClassName'`);
  }
  const swap = (field: string, old?: readonly string[], now?: readonly string[]): PlaintextOverrider[] => {
    const path = `${CONTAINER}/${field}`;
    if (now) return [{ path, operator: old ? 'replace' : 'add', value: [...now] }];
    return old ? [{ path, operator: 'remove' }] : [];
  };
  const plaintext: PlaintextOverrider[] = [
    { path: '/spec/template/spec/runtimeClassName', operator: 'remove' },
    { path: `${CONTAINER}/image`, operator: 'replace', value: container.image },
    ...swap('command', command ?? ['/'], container.command),
    ...swap('args', args, container.args),
  ];
  return [{ target: { clusters: container.members }, plaintext }];
}

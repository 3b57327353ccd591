import type { ObjectRef } from '../../simulation/kubernetes.ts';
import { groupBy } from '../../simulation/lookup.ts';
import type { OverriderEffect, Placement } from '../../simulation/model.ts';
import { containersPath } from '../../simulation/override/overriders.ts';
import { type Path, quote, type Report } from '../spec/faults.ts';
import type { Survey } from './overrides.ts';
import type { Policy, View } from './view.ts';

/** The lists of a rule in the file, by their names in the policy that is made of it. */
const FIELDS = {
  imageOverrider: 'image',
  commandOverrider: 'command',
  argsOverrider: 'args',
  labelsOverrider: 'labels',
  annotationsOverrider: 'annotations',
  fieldOverrider: 'field',
  plaintext: 'plaintext',
} as const satisfies Record<OverriderEffect['field'], string>;

type Field = (typeof FIELDS)[keyof typeof FIELDS];

/** An entry of a list of a rule in the file, as far as messages tell of it. */
interface Entry {
  readonly operator?: string;
  readonly component?: string;
  readonly container?: string;
  readonly path?: string;
  readonly value?: unknown;
}

type Rule = { readonly [field in Field]?: readonly Entry[] | undefined };

/**
 * Overrides without which every member would get the very same: they take away what is not there, are for a container
 * that nobody has, write what Karmada does not send on, or are undone by others.
 */
export function idleOverrides(view: View): Survey {
  const found = new Map<string, Found>();
  return {
    see(placement) {
      for (const effect of placement.overriders()) {
        const key = JSON.stringify([effect.policy, effect.rule, effect.field, effect.index]);
        const known = found.get(key)?.effect.does;
        if (known === undefined || known === 'nothing' || effect.does === 'something')
          found.set(key, { effect, placement });
      }
    },
    tell(report) {
      tellIdle(view, [...found.values()], report);
      withoutContainers(view, report);
    },
  };
}

interface Found {
  readonly effect: OverriderEffect;
  readonly placement: Placement;
}

/** Tells of the overriders that do nothing, where the file says them. */
function tellIdle(view: View, found: readonly Found[], report: Report): void {
  const isBusy = ({ effect }: Found) => effect.does === 'something';
  const idle = found.filter((one) => !isBusy(one));
  if (idle.length === 0) return;
  const ruleKey = ({ effect: { policy, rule } }: Found) => JSON.stringify([policy, rule]);
  const busyRules = new Set(found.filter(isBusy).map(ruleKey));
  for (const [key, ofRule] of groupBy(idle, ruleKey)) {
    const place = ruleOf(view, (ofRule[0] as Found).effect);
    if (!place) continue;
    const { rule, path } = place;
    const own = ofRule
      .map(({ effect, placement }) => ({ effect, placement, index: effect.index - skipped(place, effect) }))
      // A negative index is that of what stands there by another name.
      .filter(({ index }) => index >= 0);
    // What a rule sets by name is several changes, of which some may be there already.
    if (own.length === 0 && !busyRules.has(key)) {
      const undone = ofRule.some(({ effect }) => effect.does === 'undone');
      report.warn(path, undone ? UNDONE : 'sets what the app has already');
    }
    for (const { effect, placement, index } of own) {
      const field = FIELDS[effect.field];
      const entry = rule[field]?.[index] ?? {};
      report.warn([...path, field, index], effect.does === 'undone' ? UNDONE : whyIdle(field, entry, placement));
    }
  }
}

const UNDONE = 'does nothing, for other overrides undo it: leave one of them out';

interface Place {
  readonly rule: Rule;
  readonly path: Path;
  /** The overriders that are made of the rule. */
  readonly made: { readonly [field: string]: readonly unknown[] | undefined };
}

/** The rule of the file that an overrider is made of; undefined for what no rule says. */
function ruleOf(view: View, { policy, rule }: OverriderEffect): Place | undefined {
  const origin = view.origin(policy);
  const made = madeRules(view, policy);
  const overriders = made[rule]?.overriders;
  if (!origin || !overriders) return undefined;
  if (origin.policy?.type === 'override') {
    const own = origin.policy.rules[rule];
    return own && { rule: own as Rule, path: [...origin.path, 'rules', rule], made: overriders };
  }
  // An app's own rules come last.
  const index = rule - (made.length - (origin.app?.overrides.length ?? 0));
  const own = origin.app?.overrides[index];
  return own && { rule: own as Rule, path: [...origin.path, index], made: overriders };
}

function madeRules(view: View, policy: ObjectRef) {
  const { spec } = view.overridePolicy(policy) ?? {};
  return (spec?.overrideRules ?? []) as readonly { overriders: Place['made'] }[];
}

/** How many overriders of a list come before those of the file: what it sets by name, and images with their digest. */
function skipped({ rule, made }: Place, { field }: OverriderEffect): number {
  return (made[field]?.length ?? 0) - (rule[FIELDS[field]]?.length ?? 0);
}

function whyIdle(
  field: Field,
  { operator, component, container, path, value }: Entry,
  { object, ref }: Placement,
): string {
  const keys = Object.keys((value ?? {}) as object)
    .map(quote)
    .join(', ');
  const metadata = field === 'labels' || field === 'annotations';
  if (metadata && operator === 'remove') return `does nothing: no object has ${keys}`;
  if (metadata && operator === 'replace')
    return `does nothing: no object has ${keys}, to set it take the operator 'add'`;
  if (field === 'command' || field === 'args' || (field === 'image' && path === undefined)) {
    if (containersPath(object) === undefined) return `does nothing: Karmada knows no containers of a ${ref.kind}`;
    const name = container ?? ref.name;
    const containers = containersOf(object, containersPath(object) ?? []);
    if (field !== 'image' && !containers.includes(name)) {
      return `does nothing: there is no container ${quote(name)}, but ${containers.map(quote).join(', ')}`;
    }
    if (field !== 'image')
      return `does nothing: the ${field} ${field === 'args' ? 'hold' : 'holds'} none of these words`;
  }
  if (field === 'image' && operator === 'remove') return `does nothing: no image has a ${component?.toLowerCase()}`;
  if (path !== undefined && NOT_SENT.test(path)) return `does nothing: Karmada sends no ${path} to members`;
  return 'does nothing: it is so already';
}

/** What Karmada takes out of each object before it goes to a member (pkg/resourceinterpreter/default/native/prune). */
const NOT_SENT =
  /^\/(status|metadata\/(creationTimestamp|deletionTimestamp|deletionGracePeriodSeconds|generation|managedFields|resourceVersion|selfLink|uid|ownerReferences|finalizers))(\/|$)/;

function containersOf(object: object, path: readonly string[]): string[] {
  const found = path.reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], object);
  return Array.isArray(found) ? found.map(({ name }) => String(name)) : [];
}

/** Rules about containers in policies for kinds that Karmada knows none of, whether or not the file has such objects. */
function withoutContainers({ spec }: View, report: Report): void {
  for (const [i, policy] of spec.policies.entries()) {
    if (policy.type !== 'override' || policy.resources.some(hasContainers)) continue;
    const kinds = [...new Set(policy.resources.map(({ kind }) => kind))].join(', ');
    for (const [j, rule] of policy.rules.entries()) {
      for (const field of ['image', 'command', 'args'] as const) {
        for (const [k, entry] of (rule[field] ?? []).entries()) {
          if ('path' in entry && entry.path !== undefined) continue;
          const way = field === 'image' ? "say by 'path' where the image is" : "take 'plaintext'";
          report.warn(
            ['spec', 'policies', i, 'rules', j, field, k],
            `does nothing: Karmada knows no containers of ${kinds}, ${way}`,
          );
        }
      }
    }
  }
}

function hasContainers({ apiVersion = '', kind }: Policy['resources'][number]): boolean {
  return containersPath({ apiVersion, kind, metadata: { name: '' } }) !== undefined;
}

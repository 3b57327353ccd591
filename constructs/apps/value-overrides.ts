import { encodeKey } from '../../simulation/override/json-patch.ts';
import type { Json, PlaintextOverrider } from '../policy/override-policy.ts';

/** JSON pointers to the places of a workload that hold values with names. */
export interface Layout {
  /** List of `{ name, value }`. */
  readonly variables: string;
  readonly replicas: string;
  /** Mapping of `requests` and `limits`, each by resource. */
  readonly resources: string;
}

/** Values to set on some members, by name. */
export interface Values {
  readonly variables?: { readonly [name: string]: string };
  readonly replicas?: number;
  readonly resources?: {
    readonly requests?: { readonly [resource: string]: string };
    readonly limits?: { readonly [resource: string]: string };
  };
}

/**
 * Turns values with names into changes at JSON pointers, for these know no names: a variable is found in the list of the
 * workload that is applied, and what holds a value is made where the workload has none.
 *
 * @param workload tells the workload; asked only where there is something to set.
 * @param rules values rule by rule. Several rules may meet on a member, in this order; but a variable that the workload
 * does not have, only one of them may set there.
 * @returns what has to come before all rules, on every member, and the changes of each rule.
 */
export function overrideValues(
  workload: () => object,
  layout: Layout,
  rules: readonly Values[],
): { common: PlaintextOverrider[]; rules: PlaintextOverrider[][] } {
  const holders = rules.map((values) => holdersOf(values, layout));
  const before = rules.map(settings).some((count) => count > 0) ? workload() : {};
  const missing = holders.map((list) => list.filter(({ path }) => at(before, path) === undefined));
  const uses = new Map<string, number>();
  for (const { path } of missing.flat()) uses.set(path, (uses.get(path) ?? 0) + 1);
  const shared = missing.flat().filter(({ path }, i, all) => {
    return uses.get(path) !== 1 && all.findIndex((other) => other.path === path) === i;
  });
  return {
    common: shared.map(add),
    rules: rules.map((values, i) => [
      ...(missing[i] ?? []).filter(({ path }) => uses.get(path) === 1).map(add),
      ...changes(values, layout, before),
    ]),
  };
}

/** What has to be there for a value to be put in, the outer first. */
interface Holder {
  readonly path: string;
  readonly empty: Json;
}

function holdersOf({ variables = {}, resources = {} }: Values, layout: Layout): Holder[] {
  const sections = (['requests', 'limits'] as const).filter((key) => Object.keys(resources[key] ?? {}).length > 0);
  return [
    ...(Object.keys(variables).length > 0 ? [{ path: layout.variables, empty: [] }] : []),
    ...(sections.length > 0 ? [{ path: layout.resources, empty: {} }] : []),
    ...sections.map((key) => ({ path: `${layout.resources}/${key}`, empty: {} })),
  ];
}

const add = ({ path, empty }: Holder): PlaintextOverrider => ({ path, operator: 'add', value: empty });

function changes({ variables = {}, replicas, resources = {} }: Values, layout: Layout, workload: object) {
  const listed = (at(workload, layout.variables) ?? []) as { name: string }[];
  const list: PlaintextOverrider[] = Object.entries(variables).map(([name, value]) => {
    const i = listed.findIndex((one) => one.name === name);
    // The whole entry, for its value may come from elsewhere, and an empty one is not stored.
    if (i >= 0) return { path: `${layout.variables}/${i}`, operator: 'replace', value: { name, value } };
    return { path: `${layout.variables}/-`, operator: 'add', value: { name, value } };
  });
  if (replicas !== undefined) list.push({ path: layout.replicas, operator: 'replace', value: replicas });
  for (const key of ['requests', 'limits'] as const) {
    for (const [resource, value] of Object.entries(resources[key] ?? {})) {
      // In a mapping, `add` also replaces.
      list.push({ path: `${layout.resources}/${key}/${encodeKey(resource)}`, operator: 'add', value });
    }
  }
  return list;
}

function settings({ variables = {}, replicas, resources = {} }: Values): number {
  return Object.keys({ ...variables, ...resources }).length + (replicas === undefined ? 0 : 1);
}

/** What a JSON pointer points to, or nothing. */
function at(object: unknown, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], object);
}

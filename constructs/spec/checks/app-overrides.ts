import { environmentNames, spinVariable } from '../../apps/app-deployment.ts';
import type { AppOverrideRule } from '../../apps/app-overrides.ts';
import { quote, type Report } from '../faults.ts';
import type { FederationSpec } from '../federation.ts';
import { Reach } from '../reach.ts';

type App = FederationSpec['apps'][number];

/** Values that apps override by name, where it matters which members the rules are for. */
export function checkAppOverrides(spec: FederationSpec, report: Report): void {
  const { candidates } = Reach.of(spec);
  const membersOf = ({ target = {} }: AppOverrideRule) => candidates.matching(target).map(({ name }) => name);
  for (const [i, app] of spec.apps.entries()) {
    const path = ['spec', 'apps', i, 'overrides'];
    const known = variablesOf(app);
    const added: { rule: number; names: ReadonlySet<string>; members: ReadonlySet<string> }[] = [];
    for (const [j, rule] of app.overrides.entries()) {
      const members = membersOf(rule);
      const names = overriddenVariables(app, rule).filter(({ name }) => !known.has(name));
      for (const { name, at } of names) {
        const other = added.find((one) => one.names.has(name) && members.some((member) => one.members.has(member)));
        const shared = members.find((member) => other?.members.has(member));
        if (!other || shared === undefined) continue;
        report(
          [...path, j, ...at],
          `is set by overrides[${other.rule}] too, and both are for ${quote(shared)}: give the app itself a value, which each rule can then replace`,
        );
      }
      added.push({ rule: j, names: new Set(names.map(({ name }) => name)), members: new Set(members) });
      const written = rule.plaintext?.findIndex(({ path }) => path === '/spec/replicas') ?? -1;
      if (written >= 0 && (app.scaling || app.spin.autoscaler || app.spin.autoscaled)) {
        report.warn(
          [...path, j, 'plaintext', written],
          'writes the replicas, which are set by what scales the app: leave one of them out',
        );
      }
      const division = app.placement.replicas?.type ?? 'duplicated';
      if (rule.replicas !== undefined && division !== 'duplicated') {
        report.warn(
          [...path, j, 'replicas'],
          `takes the place of the share that 'placement.replicas' (${division}) gives these members: to divide by fixed shares, use weights there`,
        );
      }
    }
  }
}

/** Names of the variables that an app has on every member, as its workload lists them. */
function variablesOf({ runtime, form, variables, variablesFrom, ...app }: App): ReadonlySet<string> {
  if (form === 'spinapp') return new Set(Object.keys({ ...variables, ...variablesFrom }));
  return environmentNames({ ...app, variables, variablesFrom, runtimeClassName: runtime });
}

function overriddenVariables({ form }: App, { env = {}, variables = {} }: AppOverrideRule) {
  return [
    ...Object.keys(variables).map((name) => ({
      name: form === 'spinapp' ? name : spinVariable(name),
      at: ['variables', name],
    })),
    ...Object.keys(env).map((name) => ({ name, at: ['env', name] })),
  ];
}

import type { KubeObject } from '../../simulation/kubernetes.ts';
import type { Input } from '../../simulation/model.ts';

/** What placements depend on of how Karmada is set: flags of its scheduler and its controllers. */
export function settingsOf(objects: readonly KubeObject[]): Omit<Input, 'objects' | 'members'> {
  const scheduler = flagsOf(objects, 'karmada-scheduler');
  const controllers = flagsOf(objects, 'karmada-controller-manager');
  const gates = `${scheduler.get('feature-gates') ?? ''},${controllers.get('feature-gates') ?? ''}`;
  const [schedulerName, skippedApis] = [scheduler.get('scheduler-name'), controllers.get('skipped-propagating-apis')];
  const skippedNamespaces = controllers.get('skipped-propagating-namespaces')?.split(',');
  return {
    gates: Object.fromEntries(
      gates
        .split(',')
        .filter(Boolean)
        .map((gate) => gate.split('='))
        .map(([name, value]) => [name, value === 'true']),
    ),
    evictsNoExecute: controllers.get('enable-no-execute-taint-eviction') === 'true',
    propagatesEmptyWorkloads: scheduler.get('enable-empty-workload-propagation') === 'true',
    ...(schedulerName && { schedulerName }),
    ...(skippedNamespaces && { skippedNamespaces }),
    ...(skippedApis && { skippedApis }),
  };
}

/** The flags of a Deployment's containers; one without a value is true. */
function flagsOf(objects: readonly KubeObject[], name: string): ReadonlyMap<string, string> {
  const found = objects.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === name);
  const spec = found?.spec as { template?: { spec?: { containers?: readonly { args?: readonly string[] }[] } } };
  const flags = (spec?.template?.spec?.containers ?? []).flatMap(({ args = [] }) => args);
  return new Map(flags.map((flag) => /^--([^=]+)(?:=(.*))?$/s.exec(flag)).map((m) => [m?.[1] ?? '', m?.[2] ?? 'true']));
}

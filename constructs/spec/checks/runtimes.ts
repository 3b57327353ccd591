import { isSince, K3S_EXTENDS_TEMPLATE, K3S_FINDS_SHIMS } from '../../wasm/shims.ts';
import { quote, type Report } from '../faults.ts';
import type { FederationSpec } from '../federation.ts';
import { offeredRuntimes, type Runtime } from '../runtime.ts';

/** Whether the shims of the runtimes can come to the members that offer them. */
export function checkRuntimes(spec: FederationSpec, report: Report): void {
  const twins = twinsOf(spec.runtimes);
  if (twins) {
    report(
      ['spec', 'runtimes', spec.runtimes.indexOf(twins[1]), 'handler'],
      `is ${quote(twins[1].handler)}, as of the runtime '${twins[0].name}', and containerd knows a name once: give another 'handler', or one RuntimeClass to both`,
    );
  }
  for (const [i, member] of spec.members.entries()) {
    const path = ['spec', 'members', i];
    const { runtimes, shims = {} } = member;
    const entry = (name: string) => [
      ...path,
      'runtimes',
      ...(Object.hasOwn(shims, name) ? [runtimes.indexOf(name)] : []),
    ];
    const all = offeredRuntimes(spec.runtimes, member, (name, below, message) =>
      report([...entry(name), ...below], message),
    );
    const offered = all.filter(isInstalled);
    const twinsHere = twins || Object.keys(shims).length === 0 ? undefined : twinsOf(all);
    if (twinsHere) {
      report(
        entry(twinsHere[1].name),
        `has the handler ${quote(twinsHere[1].handler)}, as the runtime '${twinsHere[0].name}' has here, and containerd knows a name once: leave one of them out`,
      );
    }
    const managed = offered.find(({ shim }) => shim.install === 'runtime-class-manager');
    const other = offered.find(({ shim }) => shim.install !== 'runtime-class-manager');
    if (managed && other) {
      report(
        [...path, 'runtimes'],
        `has '${managed.name}' by runtime-class-manager and '${other.name}' by '${other.shim.install}', but containerd's configuration has one owner: the manager freezes k3s's. Take one way for both`,
      );
    }
    for (const { name, nodeSelector, shim } of offered) {
      if (!member.mayBeK3s && (shim.install === 'k3s' || shim.install === 'installer')) {
        report(
          entry(name),
          `gets the shim of '${name}' by '${shim.install}', which knows k3s's files alone, and the member is none ('k3s: false'): say how it comes there, such as { name: ${name}, shim: { install: none } } where the nodes have it already`,
        );
      }
      if (shim.install === 'runtime-class-manager' && !member.ownRuntimeClasses.includes(name)) {
        report(
          [...path, 'ownRuntimeClasses'],
          `must have '${name}': runtime-class-manager makes that RuntimeClass on the member, where Karmada would not replace it`,
        );
      }
      if (member.hosts.length === 0) continue;

      const { version } = member.k3s;
      if (shim.install === 'k3s' && !isSince(version, K3S_FINDS_SHIMS)) {
        report(
          [...path, 'k3s', 'version'],
          `is ${version}, which does not find shims by itself, as the runtime '${name}' asks: take ${K3S_FINDS_SHIMS.at(-1)}+k3s1 or newer, or 'install: installer'`,
        );
      }
      if (shim.install === 'installer' && !isSince(version, K3S_EXTENDS_TEMPLATE)) {
        report(
          [...path, 'k3s', 'version'],
          `is ${version}, whose containerd template cannot be extended, as the runtime '${name}' needs: take ${K3S_EXTENDS_TEMPLATE.at(-1)}+k3s1 or newer`,
        );
      }
      const selector = Object.entries(nodeSelector);
      const selects = (labels: Record<string, string>) => selector.every(([key, value]) => labels[key] === value);
      if (!member.hosts.some(({ labels }) => selects(labels))) {
        const wanted = selector.map(([key, value]) => `'${key}: ${quote(value).slice(1, -1)}'`).join(', ');
        report(
          [...path, 'hosts'],
          `has none with the labels of the runtime '${name}', so that no node would get it: give a host 'labels' with ${wanted}, or leave the runtime out of the member's 'runtimes'`,
        );
      }
    }
  }
}

function isInstalled({ shim }: Runtime): boolean {
  return shim.install !== 'none';
}

/** The first two runtimes of one handler, of which at least one is installed. */
function twinsOf(runtimes: readonly Runtime[]): [first: Runtime, second: Runtime] | undefined {
  for (const [i, second] of runtimes.entries()) {
    const first = runtimes.slice(0, i).find(({ handler }) => handler === second.handler);
    if (first && (isInstalled(first) || isInstalled(second))) return [first, second];
  }
  return undefined;
}

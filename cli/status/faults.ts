import { describe } from '../../simulation/kubernetes.ts';
import { groupBy } from '../../simulation/lookup.ts';
import { called } from '../called.ts';
import type { ObjectStatus, StatusReport } from './report.ts';

/** Names that a sentence lists before it counts the rest. */
const MOST_NAMES = 8;

type Found = Pick<StatusReport, 'controlPlane' | 'estimators' | 'certificates' | 'members' | 'objects'>;

/**
 * What is wrong, a sentence for each mistake: what follows from another one is not told again.
 *
 * @param answered whether the host and Karmada have answered; of what has not nothing is told.
 * @param days how many days before their end certificates are told of.
 */
export function faultsOf(found: Found, answered: { host: boolean; karmada: boolean }, days: number): string[] {
  return [
    ...(answered.host ? componentFaults(found) : []),
    ...certificateFaults(found, days),
    ...(answered.karmada ? [...memberFaults(found), ...objectFaults(found)] : []),
  ];
}

function componentFaults({ controlPlane, estimators }: Found): string[] {
  if (controlPlane.length + estimators.length === 0) {
    return [`there is no control plane on the host: run ${called('apply')} host`];
  }
  return [
    ...controlPlane
      .filter(({ ready, wanted }) => ready < wanted)
      .map(
        ({ kind, namespace, name, ready, wanted }) =>
          `${kind} ${namespace}/${name} has ${ready} of ${wanted} pods ready`,
      ),
    ...estimators
      .filter(({ ready, wanted }) => ready < wanted)
      .map(({ member, ready, wanted }) => `the estimator of member ${member} has ${ready} of ${wanted} pods ready`),
  ];
}

function certificateFaults({ certificates }: Found, days: number): string[] {
  const soon = certificates.filter((certificate) => certificate.soon);
  if (soon.length === 0) return [];
  const names = soon.map(({ name, ends }) => `${name} (${ends.slice(0, 10)})`);
  const [first] = soon;
  const what = soon.length === 1 ? 'a certificate ends' : 'certificates end';
  const when = (first?.days ?? 0) < 0 ? 'or have ended' : `within ${days} days`;
  return [`${what} ${when}: ${listed(names)}; "Renewing certificates" in docs/operations.md says what to do`];
}

function memberFaults({ members }: Found): string[] {
  return members.flatMap(({ name, declared, joined, mode, ready, why, heard }) => {
    if (!joined) return [`member ${name} is not joined: run ${called('join')} ${name}`];
    const own = declared
      ? []
      : [`member ${name} is not in the federation file: ${called('unjoin')} ${name} takes it out`];
    if (ready === 'True') return own;
    const agent =
      mode === 'Pull' && ready === 'Unknown'
        ? `: its agent ${heard ? `was heard of last at ${heard}` : 'was never heard of'}; it does not run, or does not reach the Karmada API`
        : why
          ? `: ${why}`
          : '';
    return [`member ${name} is not ready${agent}`, ...own];
  });
}

function objectFaults({ objects }: Found): string[] {
  const wrong = objects.filter(({ state }) => state === 'wrong');
  const whole = groupBy(
    wrong.filter(({ why }) => why !== undefined),
    ({ why, members }) => `${members.some(({ live }) => live) ? '' : ' without a place'}: ${why}`,
  );
  return [
    ...[...whole].map(([why, those]) => `${listed(those.map(describe))}${why}`),
    ...wrong.filter(({ why }) => why === undefined).flatMap(pairFaults),
  ];
}

/** The members of an object where the same is wrong, on one line. */
function pairFaults(object: ObjectStatus): string[] {
  const wrong = object.members.filter(({ state }) => state === 'wrong');
  return [...groupBy(wrong, ({ why = '' }) => why)].map(
    ([why, pairs]) => `${describe(object)} on ${listed(pairs.map(({ member }) => member))}: ${why}`,
  );
}

function listed(names: readonly string[]): string {
  if (names.length <= MOST_NAMES) return names.join(', ');
  return `${names.slice(0, MOST_NAMES).join(', ')} and ${names.length - MOST_NAMES} others`;
}

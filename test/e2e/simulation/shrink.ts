import type { Federation } from './federation.ts';

/** Every federation that lacks one thing of a given one. */
export function smaller(federation: Federation): Federation[] {
  const lists = ['templates', 'policies', 'overrides', 'later', 'members'] as const;
  const shorter = lists.flatMap((list) =>
    federation[list]
      .map((_, index) => ({ ...federation, [list]: federation[list].filter((_, other) => other !== index) }))
      .filter((one) => one.members.length > 0 && one.templates.length > 0),
  );
  const { lost, ...others } = federation;
  const kept = shorter.filter(({ members, lost }) => !lost || members.some(({ metadata }) => metadata.name === lost));
  return [
    ...(lost ? [others] : []),
    ...(federation.failover ? [{ ...federation, failover: false }] : []),
    ...kept,
    ...policiesWithout(federation),
  ];
}

/** The same with one field of one policy's placement or behaviour left out. */
function policiesWithout(federation: Federation): Federation[] {
  const fields = ['priority', 'propagateDeps', 'conflictResolution', 'failover', 'suspension'];
  const ofPlacement = ['spreadConstraints', 'clusterTolerations', 'replicaScheduling'];
  return federation.policies.flatMap((policy, index) => {
    const replaced = (spec: object) => ({
      ...federation,
      policies: federation.policies.map((one, other) => (other === index ? { ...policy, spec } : one)),
    });
    const without = (object: object, field: string) =>
      Object.fromEntries(Object.entries(object).filter(([key]) => key !== field));
    const { placement = {} } = policy.spec; // a quota has none
    return [
      ...fields.filter((field) => field in policy.spec).map((field) => replaced(without(policy.spec, field))),
      ...ofPlacement
        .filter((field) => field in placement)
        .map((field) => replaced({ ...policy.spec, placement: without(placement, field) })),
    ];
  });
}

/** How much may be spent on making a federation smaller. */
export interface Effort {
  /** Smaller federations that are tried in all. */
  readonly tries: number;
  /** Those of them that are tried at one time. */
  readonly atOnce: number;
}

/**
 * A smaller federation that still fails: one from which nothing can be left out, unless the effort was not enough.
 * @param fails Whether a federation still fails; several are asked at once.
 */
export async function shrink(
  federation: Federation,
  fails: (federation: Federation) => Promise<boolean>,
  { tries, atOnce }: Effort,
): Promise<Federation> {
  let smallest = federation;
  let candidates = smaller(smallest);
  for (let left = tries; left > 0 && candidates.length > 0; ) {
    const tried = candidates.slice(0, Math.min(atOnce, left));
    left -= tried.length;
    const answers = await Promise.all(tried.map(fails));
    const next = tried.find((_, index) => answers[index]);
    candidates = next ? smaller(next) : candidates.slice(tried.length);
    smallest = next ?? smallest;
  }
  return smallest;
}

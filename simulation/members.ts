import type { Cluster, ClusterAffinity } from './karmada.ts';
import type { SelectorRequirement, Taint } from './kubernetes.ts';
import { labelTest, nodeRequirementHolds } from './selectors.ts';

/** A member, its fields laid out for what asks of them a thousand times. */
export class Member {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly provider: string;
  readonly region: string;
  readonly zones: readonly string[];
  /** What a field selector reads beside zones. */
  readonly fields: Readonly<Record<string, string>>;
  /** Those that keep new objects away. */
  readonly taints: readonly Taint[];
  /** Undefined for a member without status: which kinds it serves is not known. */
  readonly served: ReadonlySet<string> | undefined;

  constructor(
    readonly cluster: Cluster,
    /** Its place in the input. */
    readonly index: number,
  ) {
    const { spec = {}, status } = cluster;
    this.name = cluster.metadata.name;
    this.labels = cluster.metadata.labels ?? {};
    this.provider = spec.provider ?? '';
    this.region = spec.region ?? '';
    this.zones = spec.zones?.length || !spec.zone ? (spec.zones ?? []) : [spec.zone];
    this.fields = {
      ...(this.provider === '' ? {} : { provider: this.provider }),
      ...(this.region === '' ? {} : { region: this.region }),
    };
    this.taints = (spec.taints ?? []).filter(({ effect }) => effect === 'NoSchedule' || effect === 'NoExecute');
    this.served = status && servedKinds(status.apiEnablements ?? []);
  }
}

function servedKinds(enablements: NonNullable<NonNullable<Cluster['status']>['apiEnablements']>): ReadonlySet<string> {
  const kinds = new Set<string>();
  for (const { groupVersion, resources = [] } of enablements) {
    for (const { kind } of resources) kinds.add(`${groupVersion} ${kind}`);
  }
  return kinds;
}

/** All members, by place and by name. Those that are being deleted take nothing any more. */
export class Members {
  readonly all: readonly Member[];
  /** The same, sorted by name: the order that Karmada prefers between equals. */
  private readonly sorted: readonly Member[];
  private readonly byName: ReadonlyMap<string, Member>;

  constructor(clusters: readonly Cluster[]) {
    this.all = clusters
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined || metadata.deletionTimestamp === null)
      .map((cluster, index) => new Member(cluster, index));
    this.sorted = this.all.toSorted(byName);
    this.byName = new Map(this.all.map((member) => [member.name, member]));
  }

  get(name: string): Member | undefined {
    return this.byName.get(name);
  }

  /** Those that an affinity can match at all, sorted by name: where it names members, none else needs a look. */
  candidates({ clusterNames = [] }: ClusterAffinity = {}): readonly Member[] {
    if (clusterNames.length === 0) return this.sorted;
    return [...new Set(clusterNames)].flatMap((name) => this.byName.get(name) ?? []).sort(byName);
  }
}

function byName(a: Member, b: Member): number {
  return a.name < b.name ? -1 : 1;
}

/** Whether an affinity matches a member: all of names, exclusions, labels and fields (pkg/util/selector.go ClusterMatches). */
export function affinityMatches(affinity: ClusterAffinity, member: Member): boolean {
  return affinityMismatch(affinity, member) === undefined;
}

type AffinityTest = (member: Member) => Mismatch | undefined;

const tests = new WeakMap<ClusterAffinity, AffinityTest>();

/** Why an affinity does not match a member; undefined when it does. */
export function affinityMismatch(affinity: ClusterAffinity, member: Member): Mismatch | undefined {
  return affinityTest(affinity)(member);
}

/** An affinity made ready to be asked of many members. */
export function affinityTest(affinity: ClusterAffinity): AffinityTest {
  const known = tests.get(affinity);
  if (known) return known;
  const excluded = new Set(affinity.exclude ?? []);
  const names = new Set(affinity.clusterNames ?? []);
  const labels = affinity.labelSelector && labelTest(affinity.labelSelector);
  const requirements = affinity.fieldSelector?.matchExpressions ?? [];
  const test: AffinityTest = (member) => {
    if (excluded.has(member.name)) return 'excluded';
    if (labels && !labels(member.labels)) return 'labels';
    if (!requirements.every((requirement) => fieldHolds(requirement, member))) return 'fields';
    return names.size > 0 && !names.has(member.name) ? 'names' : undefined;
  };
  tests.set(affinity, test);
  return test;
}

function fieldHolds(requirement: SelectorRequirement, { zones, fields }: Member): boolean {
  return requirement.key === 'zone' ? zonesMatch(requirement, zones) : nodeRequirementHolds(requirement, fields);
}

/** What of an affinity does not hold for a member. */
export type Mismatch = 'excluded' | 'labels' | 'fields' | 'names';

/** `NotIn` fails when any zone is in the list; `In` needs only one that is. */
function zonesMatch({ operator, values = [] }: SelectorRequirement, zones: readonly string[]): boolean {
  switch (operator) {
    case 'In':
      return zones.some((zone) => values.includes(zone));
    case 'NotIn':
      return !zones.some((zone) => values.includes(zone));
    case 'Exists':
      return zones.length > 0;
    case 'DoesNotExist':
      return zones.length === 0;
    default:
      return false;
  }
}

import type { OwnObject } from '../own-objects.ts';
import { Candidates } from '../policy/candidates.ts';
import type { ClusterAffinity, Placement } from '../policy/placement.ts';
import type { FederationSpec, Member } from './federation.ts';
import type { Manifest } from './manifests.ts';

type App = FederationSpec['apps'][number];

/** Tells which members the apps of a federation may reach, and what follows from that. */
export class Reach {
  private static readonly known = new WeakMap<FederationSpec, Reach>();

  /** Members by what chooses them, taints aside or not. */
  readonly candidates: Candidates<Member>;
  private readonly classMembers = new Map<string, ReadonlySet<string>>();
  private readonly lacking = new Map<readonly Member[], Map<string, readonly Member[]>>();

  private constructor(private readonly spec: FederationSpec) {
    this.candidates = new Candidates(spec.members);
  }

  /** That of a federation, which remembers what it has been asked. */
  static of(spec: FederationSpec): Reach {
    const reach = Reach.known.get(spec) ?? new Reach(spec);
    Reach.known.set(spec, reach);
    return reach;
  }

  /** Members where a placement may put something. */
  members(placement: Placement): readonly Member[] {
    return this.candidates.of(placement);
  }

  /** The folders of `dist/` that an entry of `spec.manifests` is for. */
  targets({ target }: Manifest): string[] {
    if (typeof target === 'string' && target !== 'members') return [target];
    const members = target === 'members' ? this.spec.members : this.candidates.matching(target as ClusterAffinity);
    return members.map(({ name }) => `members/${name}`);
  }

  /** The file's own objects by folder of `dist/`, each with its place in the file. */
  ownObjects(): ReadonlyMap<string, readonly { object: OwnObject; path: (string | number)[] }[]> {
    const targets = new Map<string, { object: OwnObject; path: (string | number)[] }[]>();
    for (const [i, manifest] of this.spec.manifests.entries()) {
      const objects = manifest.objects.map((object, j) => ({ object, path: ['spec', 'manifests', i, 'objects', j] }));
      for (const target of this.targets(manifest)) {
        const others = targets.get(target);
        if (others) others.push(...objects);
        else targets.set(target, objects.slice());
      }
    }
    return targets;
  }

  /** Members where an app may land, and that don't offer the Wasm runtime that it needs. */
  membersWithoutRuntime({ runtime, placement }: App): readonly Member[] {
    if (runtime === undefined) return [];
    const members = this.members(placement);
    const known = this.lacking.get(members) ?? new Map<string, readonly Member[]>();
    this.lacking.set(members, known);
    let without = known.get(runtime);
    if (!without) {
      without = members.filter(({ runtimes }) => !runtimes.includes(runtime));
      known.set(runtime, without);
    }
    return without;
  }

  /**
   * Names of the members that need a runtime's RuntimeClass from us: those where an app that needs it may land, and
   * that offer the runtime, but bring no class of their own. In the order of the file.
   */
  runtimeClassMembers(runtime: string): ReadonlySet<string> {
    const known = this.classMembers.get(runtime);
    if (known) return known;
    const reached = new Set<Member>();
    const reaches = new Set(
      this.spec.apps.filter((app) => app.runtime === runtime).map((a) => this.members(a.placement)),
    );
    for (const members of reaches) for (const member of members) reached.add(member);
    const members = this.spec.members
      .filter((member) => reached.has(member))
      .filter(({ runtimes, ownRuntimeClasses }) => runtimes.includes(runtime) && !ownRuntimeClasses.includes(runtime));
    const names = new Set(members.map(({ name }) => name));
    this.classMembers.set(runtime, names);
    return names;
  }
}

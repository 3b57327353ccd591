import { Candidates } from '../policy/candidates.ts';
import type { Placement } from '../policy/placement.ts';
import type { FederationSpec, Member } from './federation.ts';

type App = FederationSpec['apps'][number];

/** Tells which members the apps of a federation may reach, and what follows from that. */
export class Reach {
  private readonly candidates: Candidates<Member>;
  private readonly classMembers = new Map<string, ReadonlySet<string>>();
  private readonly lacking = new Map<readonly Member[], Map<string, readonly Member[]>>();

  constructor(private readonly spec: FederationSpec) {
    this.candidates = new Candidates(spec.members);
  }

  /** Members where a placement may put something. */
  members(placement: Placement): readonly Member[] {
    return this.candidates.of(placement);
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

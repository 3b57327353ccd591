import { isDeepStrictEqual } from 'node:util';
import type { Cluster } from '../../simulation/karmada.ts';
import { describe, type KubeObject } from '../../simulation/kubernetes.ts';
import type { Placed, Result, Share } from '../../simulation/model.ts';
import { changesOf, isTold, type Plan, type PlanChange, planOf, type Stranded } from '../../simulation/plan.ts';
import { asBefore, simulate } from '../../simulation/simulate.ts';
import { planMarkdown } from '../../simulation/views/markdown.ts';
import { changesText, planText, strandedText } from '../../simulation/views/text.ts';
import { called } from '../called.ts';
import { Failure } from '../failure.ts';
import { textOf } from '../files.ts';
import { Misuse } from '../misuse.ts';
import { type OutlookOptions, outlookFor } from '../outlook.ts';
import { checkNames } from './names.ts';

/** Options of `plan`, as its help tells them. */
export interface PlanOptions extends OutlookOptions {
  readonly output?: 'json' | 'markdown';
  readonly member?: string;
  readonly lost?: readonly string[];
  readonly with?: readonly string[];
  readonly before?: string;
}

/**
 * What `plan` prints: where everything will run, or what a change of the members would move.
 *
 * @throws Misuse for wrong options.
 * @throws Failure for files that cannot be used.
 */
export async function plan(options: PlanOptions): Promise<string> {
  const { with: changed = [], member, output } = options;
  const lost = [...new Set(options.lost)];
  if (member !== undefined && output === 'markdown') {
    throw new Misuse('--member prints manifests, as YAML or with -o json', 'plan');
  }
  const { input } = await outlookFor(options, 'plan');
  const before = options.before === undefined ? undefined : placedIn(options.before);
  const first = simulate({ ...input, ...(before && { before: before.placements as readonly Placed[] }) });
  checkNames('--lost', lost, input.members);

  const members = changed.length > 0 ? await withChanges(input.members, changed) : input.members;
  let result = first;
  if (!isDeepStrictEqual(members, input.members)) {
    result = simulate({ ...input, members, before: asBefore(first) });
  }
  if (lost.length > 0) result = result.whenLost(lost);
  if (member !== undefined) return manifests(result, member, members, output);
  const last = planOf(result);
  const wayOut = options.manifests === undefined ? "; 'controlPlane.karmada.failover' turns it on" : '';
  // Without a change of the members the question is what the file changes of what is placed.
  const earlier = first === result ? before : planOf(first);
  return shown(options, last, members, earlier && changesOf(earlier, last), strandedOn(lost, first, result, wayOut));
}

/** The members, as `--with` changes them. What labels may be is loaded only here. */
async function withChanges(members: readonly Cluster[], changes: readonly string[]): Promise<readonly Cluster[]> {
  const { withMember } = await import('./what-if.ts');
  return changes.reduce(withMember, members);
}

/** What an earlier plan's JSON says is placed. */
function placedIn(file: string): Plan {
  let plan: Partial<Plan> | null;
  try {
    plan = JSON.parse(textOf(file)) as Partial<Plan> | null;
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(`'${file}' is not JSON: ${(error as Error).message}`);
  }
  const placements = plan?.placements;
  if (!Array.isArray(placements) || !placements.every(isPlaced)) {
    throw new Failure(`'${file}' is not a plan: "plan -o json" prints one`);
  }
  return { placements };
}

function isPlaced(one: Partial<Placed> | null): boolean {
  const isText = (value: unknown) => typeof value === 'string';
  const isShare = (share: Partial<Share> | null) =>
    isText(share?.name) &&
    ((share.replicas ?? null) === null || (Number.isSafeInteger(share.replicas) && Number(share.replicas) >= 0));
  const { apiVersion = '', kind, namespace = '', name, members, evicting = [] } = one ?? {};
  return (
    [apiVersion, kind, namespace, name].every(isText) &&
    [members, evicting].every(Array.isArray) &&
    (members ?? []).every(isShare)
  );
}

/**
 * @param changes what it changes, where that was asked for.
 * @param stranded what stays on lost members.
 */
function shown(
  { output }: PlanOptions,
  plan: Plan,
  clusters: readonly Cluster[],
  changes: readonly PlanChange[] | undefined,
  stranded: readonly Stranded[],
): string {
  const members = clusters.map(({ metadata }) => metadata.name);
  if (output === 'json') {
    const more = { ...(changes && { changes }), ...(stranded.length > 0 && { stranded }) };
    return `${JSON.stringify({ ...plan, ...more }, undefined, 2)}\n`;
  }
  const more = [
    ...(stranded.length > 0 ? [strandedText(stranded)] : []),
    ...(changes ? [changesText(changes, plan.placements.length)] : []),
  ].join('\n');
  if (output !== 'markdown') return [planText(plan, members), more].filter(Boolean).join('\n');
  return `${planMarkdown(plan, members, called('plan'))}${more && `\n\`\`\`\n${more}\`\`\`\n`}`;
}

/**
 * What failover leaves on members that are lost, where nothing of it runs any more.
 *
 * @param wayOut what turns failover on.
 */
function strandedOn(lost: readonly string[], before: Result, after: Result, wayOut: string): Stranded[] {
  return lost.flatMap((member) =>
    after.placements
      .filter((placement) => isTold(placement) && placement.members.some(({ name }) => name === member))
      .flatMap(({ ref }) => {
        const reason = before.of(ref)?.failover(member).reason;
        if (!reason) return [];
        return [{ ...ref, member, reason: `${reason.message}${reason.code === 'FailoverOff' ? wayOut : ''}` }];
      }),
  );
}

/** All that a member gets, and what it does not, because it can't be made for it. */
async function manifests(
  result: Result,
  member: string,
  members: readonly Cluster[],
  output: PlanOptions['output'],
): Promise<string> {
  checkNames('--member', [member], members);
  const objects: KubeObject[] = [];
  const faults: string[] = [];
  for (const placement of result.placements) {
    if (!placement.verdict(member)?.chosen && !placement.along) continue;
    const { object, fault } = placement.manifestFor(member);
    if (object) objects.push(object);
    else if (fault && placement.verdict(member)?.chosen) faults.push(`no ${describe(placement.ref)}: ${fault.message}`);
  }
  if (output === 'json') {
    return `${JSON.stringify({ objects, faults }, undefined, 2)}\n`;
  }
  const { toYaml } = await import('../../constructs/output/yaml.ts');
  return `${faults.map((fault) => `# ${fault}\n`).join('')}${objects.length > 0 ? toYaml(...objects) : ''}`;
}

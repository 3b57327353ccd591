import { isDeepStrictEqual } from 'node:util';
import type { Cluster } from '../../simulation/karmada.ts';
import { describe, type KubeObject } from '../../simulation/kubernetes.ts';
import type { Placed, Result } from '../../simulation/model.ts';
import { changesOf, type Plan, planOf } from '../../simulation/plan.ts';
import { asBefore, simulate } from '../../simulation/simulate.ts';
import { planMarkdown } from '../../simulation/views/markdown.ts';
import { changesText, planText } from '../../simulation/views/text.ts';
import { Failure } from '../failure.ts';
import { textOf } from '../manifests.ts';
import { type OutlookOptions, outlookFor } from '../outlook.ts';
import { checkNames, withMember } from './what-if.ts';

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
  const { lost = [], with: changed = [] } = options;
  const { input } = await outlookFor(options, 'plan');
  const before = options.before === undefined ? undefined : placedIn(options.before);
  const first = simulate({ ...input, ...(before && { before }) });
  checkNames('--lost', lost, input.members);

  const members = changed.reduce<Cluster[]>(withMember, [...input.members]);
  let result = first;
  if (!isDeepStrictEqual(members, input.members)) {
    result = simulate({ ...input, members, before: asBefore(first) });
  }
  if (lost.length > 0) result = result.whenLost(lost);
  if (options.member !== undefined) return manifests(result, options.member, members);
  const last = planOf(result);
  return shown(options, first === result ? last : planOf(first), last, first === result, members);
}

/** What an earlier plan's JSON says is placed. */
function placedIn(file: string): readonly Placed[] {
  let plan: Partial<Plan>;
  try {
    plan = JSON.parse(textOf(file)) as Partial<Plan>;
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(`'${file}' is not JSON: ${(error as Error).message}`);
  }
  const { placements } = plan;
  if (!Array.isArray(placements) || !placements.every((one) => one?.kind && one.name && Array.isArray(one.members))) {
    throw new Failure(`'${file}' is not a plan: "plan -o json" prints one`);
  }
  return placements as readonly Placed[];
}

function shown(options: PlanOptions, first: Plan, last: Plan, same: boolean, clusters: readonly Cluster[]): string {
  const members = clusters.map(({ metadata }) => metadata.name);
  if (options.output === 'json') {
    return `${JSON.stringify(same ? last : { ...last, changes: changesOf(first, last) }, undefined, 2)}\n`;
  }
  const plan = options.output === 'markdown' ? planMarkdown(last, members) : planText(last, members);
  if (same) return plan;
  return `${plan}\n${changesText(changesOf(first, last), last.placements.length)}`;
}

/** As YAML, all that a member gets. */
async function manifests(result: Result, member: string, members: readonly Cluster[]): Promise<string> {
  checkNames('--member', [member], members);
  const objects: KubeObject[] = [];
  const faults: string[] = [];
  for (const placement of result.placements) {
    if (!placement.verdict(member)?.chosen && !placement.along) continue;
    const { object, fault } = placement.manifestFor(member);
    if (object) objects.push(object);
    else if (fault && placement.verdict(member)?.chosen)
      faults.push(`# no ${describe(placement.ref)}: ${fault.message}\n`);
  }
  const { toYaml } = await import('../../constructs/output/yaml.ts');
  return `${faults.join('')}${objects.length > 0 ? toYaml(...objects) : ''}`;
}

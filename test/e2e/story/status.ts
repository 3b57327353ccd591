import { join } from 'node:path';
import type { ObjectStatus, StatusReport } from '../../../cli/status/report.ts';
import type { Share } from '../../../simulation/model.ts';
import type { Plan, PlannedObject } from '../../../simulation/plan.ts';
import { nameOf } from '../../../simulation/views/text.ts';
import type { FederationUnderTest } from '../harness/federation.ts';
import { here } from '../harness/project.ts';
import { until } from '../harness/wait.ts';

/** What `status` tells of the federation now. */
export async function statusOf(federation: FederationUnderTest, dist: string): Promise<StatusReport> {
  const { stdout, stderr } = await federation.command(['status', '--dist', dist, '-o', 'json']);
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as StatusReport;
}

/** Waits until `status` finds nothing wrong. */
export function untilWell(federation: FederationUnderTest, dist: string): Promise<StatusReport> {
  return until('status to find all well', async () => {
    const report = await statusOf(federation, dist);
    if (report.verdict !== 'well') throw new Error([...report.unknown, ...report.faults].join('\n'));
    return report;
  });
}

/**
 * Waits until `status` finds an app where it is computed to be, and well there. Others may take longer once Karmada's
 * controllers have restarted: they try again after ever longer times.
 */
export function untilAppWell(federation: FederationUnderTest, dist: string, app: string): Promise<StatusReport> {
  return until(`status to find "${app}" well`, async () => {
    const report = await statusOf(federation, dist);
    const found = deploymentIn(report, app);
    if (found?.state !== 'well') throw new Error(JSON.stringify(found));
    return report;
  });
}

/** The replicas of an app on members, as Karmada has decided. */
export function countsOf(report: StatusReport, app: string): Record<string, number | null> {
  const found = deploymentIn(report, app);
  return Object.fromEntries(
    (found?.members ?? []).flatMap(({ member, live }) => (live ? [[member, live.replicas] as const] : [])),
  );
}

function deploymentIn({ objects }: StatusReport, app: string): ObjectStatus | undefined {
  return objects.find(({ kind, name }) => kind === 'Deployment' && name === app);
}

/**
 * Compares where everything is with what was computed from the file before there was a federation.
 *
 * @returns what is elsewhere, a line each.
 */
export async function sameAsPlanned(federation: FederationUnderTest, report: StatusReport): Promise<string[]> {
  const { stdout } = await federation.command(['plan', '-o', 'json'], {
    env: { FEDERATION: join(here, 'federation.yaml') },
  });
  const { placements } = JSON.parse(stdout) as Plan;
  const live = new Map(report.objects.map((object) => [nameOf(object), object]));
  return placements
    .filter(({ policy }) => policy !== null)
    .flatMap((planned) => {
      const { members = [] } = live.get(nameOf(planned)) ?? {};
      const shares = members.flatMap(({ member, live }) => (live ? [{ name: member, replicas: live.replicas }] : []));
      const is = textOf(shares);
      return answersOf(planned).includes(is) || dependsOnRoom(planned, shares)
        ? []
        : [`${nameOf(planned)}: ${is}, planned ${answersOf(planned).join(' or ')}`];
    });
}

function answersOf({ members, answers = [] }: PlannedObject): string[] {
  return [members, ...answers].map(textOf);
}

/** What goes where there is room was not known before: that all of it is somewhere was. */
function dependsOnRoom({ uncertain, members }: PlannedObject, shares: readonly Share[]): boolean {
  const total = (of: readonly Share[]) => of.reduce((sum, { replicas }) => sum + (replicas ?? 0), 0);
  return uncertain && total(members) === total(shares);
}

function textOf(shares: readonly Share[]): string {
  return shares
    .map(({ name, replicas }) => `${name} ${replicas ?? ''}`)
    .sort()
    .join(', ');
}

/** Gives Karmada an override that fails for one member. A synth refuses such a one. */
export async function breakOverride(federation: FederationUnderTest, app: string, member: string): Promise<void> {
  await federation.karmada.create(OVERRIDES, {
    apiVersion: 'policy.karmada.io/v1alpha1',
    kind: 'OverridePolicy',
    metadata: { name: 'broken', namespace: 'default' },
    spec: {
      resourceSelectors: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: app }],
      overrideRules: [
        {
          targetCluster: { clusterNames: [member] },
          overriders: { plaintext: [{ path: '/spec/nowhere/name', operator: 'replace', value: 'x' }] },
        },
      ],
    },
  });
}

/** Takes it away again. */
export async function mendOverride(federation: FederationUnderTest): Promise<void> {
  await federation.karmada.call('DELETE', `${OVERRIDES}/broken`);
}

const OVERRIDES = '/apis/policy.karmada.io/v1alpha1/namespaces/default/overridepolicies';

import type { Report } from '../faults.ts';
import type { FederationSpec } from '../federation.ts';
import { checkAppNeeds } from './app-needs.ts';
import { checkAppOverrides } from './app-overrides.ts';
import { checkApps } from './apps.ts';
import { checkArgocd } from './argocd.ts';
import { checkCharts } from './charts.ts';
import { checkClusters } from './clusters.ts';
import { checkDownloads } from './downloads.ts';
import { checkEstimators } from './estimators.ts';
import { checkFlags } from './flags.ts';
import { checkKarmada } from './karmada.ts';
import { checkMachines } from './machines.ts';
import { checkManifests } from './manifests.ts';
import { checkMeetings } from './meetings.ts';
import { checkNames } from './names.ts';
import { checkNetwork } from './network.ts';
import { checkNodes } from './nodes.ts';
import { checkPlacement } from './placement.ts';
import { checkPolicies } from './policies.ts';
import { checkReachable } from './reachable.ts';
import { checkRegistries } from './registries.ts';
import { checkRuntimes } from './runtimes.ts';

/** Every check that needs more than one part of the file. */
const CHECKS: readonly ((spec: FederationSpec, report: Report) => void)[] = [
  checkNames,
  checkMeetings,
  checkClusters,
  checkMachines,
  checkFlags,
  checkNetwork,
  checkCharts,
  checkApps,
  checkAppOverrides,
  checkAppNeeds,
  checkPlacement,
  checkPolicies,
  checkRegistries,
  checkRuntimes,
  checkArgocd,
  checkKarmada,
  checkNodes,
  checkEstimators,
  checkManifests,
  checkDownloads,
  checkReachable,
];

/**
 * Runs all checks; each reports what it finds with its place in the file.
 *
 * @param broken whether fields are wrong already: a check that stumbles over them has nothing to say, and the others go
 * on. Over a right file none may stumble.
 */
export function check(spec: FederationSpec, report: Report, broken = false): void {
  let found = broken;
  const noting: Report = Object.assign(
    (...fault: Parameters<Report>) => {
      found = true;
      report(...fault);
    },
    { warn: report.warn },
  );
  for (const one of CHECKS) {
    try {
      one(spec, noting);
    } catch (error) {
      // What the checks before it have found is why.
      if (!found) throw error;
    }
  }
}

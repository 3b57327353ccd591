/**
 * What can be imported from the package: a federation as a whole, the constructs that it is made of, and what looks ahead.
 * Constructs take `(scope, id, props)` and are put into any cdk8s chart.
 */

// First, for what comes with the others looks at it.
import './spec/jitless.ts';

export { simulate } from '../simulation/simulate.ts';
export { lookAhead } from './ahead/look-ahead.ts';
export { outlook } from './ahead/outlook.ts';
export { AppDeployment, type AppDeploymentProps } from './apps/app-deployment.ts';
export { FederatedApp, type FederatedAppProps } from './apps/federated-app.ts';
export { FederatedScaling, MemberAutoscaler } from './apps/scaling.ts';
export { SpinAppExecutor, SpinAppInterpreter, SpinKubeCrds } from './apps/spinkube.ts';
export { SpinKubeApp } from './apps/spinkube-app.ts';
export { Federation } from './federation.ts';
export { Project } from './gitops/project.ts';
export { TargetApplication } from './gitops/target-application.ts';
export { Agent } from './karmada/agent.ts';
export { KarmadaControlPlane } from './karmada/control-plane.ts';
export { EstimatorAccess } from './karmada/scheduler-estimator.ts';
export { type Manifest, Manifests } from './manifests.ts';
export { Calico } from './network/calico.ts';
export { HelmChart } from './network/helm-chart.ts';
export { AddressPool, MetalLb } from './network/metallb.ts';
export { OutputFolder } from './output/folder.ts';
export { withReadme } from './overview/with-readme.ts';
export { FederatedQuota } from './policy/federated-quota.ts';
export { OverridePolicy } from './policy/override-policy.ts';
export { PropagationPolicy } from './policy/propagation-policy.ts';
export type { Cluster, ControlPlane, FederationSpec, Member } from './spec/federation.ts';
export { InvalidFederation, loadFederation, parseFederation } from './spec/load.ts';
export { type Supply, supplies } from './supplies.ts';
export { FederatedRuntimeClass } from './wasm/federated-runtime-class.ts';
export { WasmRuntimeClass } from './wasm/runtime-class.ts';
export { ShimInstaller } from './wasm/shim-installer.ts';

import { ApiObject } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import { expect, test } from 'vitest';
import { type ArgocdSettings, syncByArgocd } from '../../constructs/gitops/argocd.ts';
import { Manifests } from '../../constructs/manifests.ts';
import { argocd } from '../../constructs/spec/argocd.ts';

const REPOSITORY = 'https://git.example.com/team/federation.git';

/** All that is made for a small federation, by file. */
function synth(settings: Partial<ArgocdSettings> = {}) {
  const manifests = new Manifests();
  const charts = {
    bootstrap: manifests.file('bootstrap', '00-hosts'),
    host: manifests.file('host', '10-karmada'),
    karmada: manifests.file('karmada', '20-n-body'),
    'members/edge': manifests.file('members/edge', '00-member'),
  };
  new k8s.KubeJob(charts.bootstrap, 'job', {
    metadata: { name: 'cplane-1-12345678', namespace: 'serverless-federation' },
  });
  new k8s.KubeNamespace(charts.host, 'namespace', { metadata: { name: 'karmada-system' } });
  new k8s.KubeStatefulSet(charts.host, 'etcd', { metadata: { name: 'etcd', namespace: 'karmada-system' } });
  new k8s.KubeService(charts.host, 'service', { metadata: { name: 'etcd', namespace: 'karmada-system' } });
  new k8s.KubeDeployment(charts.karmada, 'app', { metadata: { name: 'n-body', namespace: 'default' } });
  new ApiObject(charts.karmada, 'scaler', {
    apiVersion: 'autoscaling.karmada.io/v1alpha1',
    kind: 'FederatedHPA',
    metadata: { name: 'n-body', namespace: 'default' },
    spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'n-body' } },
  });
  new k8s.KubeHorizontalPodAutoscalerV2(charts.karmada, 'autoscaler', {
    metadata: { name: 'spin-app', namespace: 'default' },
    spec: { maxReplicas: 3, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'spin-app' } },
  });
  new k8s.KubeNamespace(charts['members/edge'], 'namespace', { metadata: { name: 'serverless-federation' } });
  new k8s.KubeConfigMap(charts['members/edge'], 'member', {
    metadata: { name: 'member', namespace: 'serverless-federation' },
  });
  syncByArgocd(
    (target, name) => manifests.file(target, name),
    'edge-cloud',
    { ...argocd.parse({ repository: REPOSITORY }), ...settings },
    new Map(Object.entries(charts).map(([path, chart]) => [path, [chart]])),
  );
  const objects = (target: string, name: string) =>
    // biome-ignore lint/suspicious/noExplicitAny: rendered manifests are read, not written
    manifests.file(target, name).toJson() as any[];
  return { manifests, objects, application: (name: string) => objects('argocd/applications', name)[0] };
}

test('an Application for each target, which the one in argocd/ syncs in the order of their waves', () => {
  const { manifests, application, objects } = synth();

  const files = [...manifests.render().keys()].filter((path) => path.startsWith('argocd/'));
  expect(files).toEqual([
    'argocd/00-projects.yaml',
    'argocd/10-applications.yaml',
    'argocd/applications/10-host.yaml',
    'argocd/applications/20-karmada.yaml',
    'argocd/applications/20-members.yaml',
    'argocd/settings/00-health.yaml',
  ]);
  expect(objects('argocd', '10-applications')[0]).toMatchObject({
    metadata: { name: 'edge-cloud', namespace: 'argocd' },
    spec: {
      project: 'edge-cloud-applications',
      source: { repoURL: REPOSITORY, targetRevision: 'HEAD', path: 'dist/argocd/applications' },
      destination: { name: 'in-cluster', namespace: 'argocd' },
    },
  });
  const waves = ['10-host', '20-karmada']
    .map(application)
    .map(({ metadata, spec }) => [
      metadata.name,
      metadata.annotations['argocd.argoproj.io/sync-wave'],
      metadata.annotations['serverless-federation.io/waited-for'],
      spec.source.path,
      spec.destination.name,
    ]);
  expect(waves).toEqual([
    ['edge-cloud-host', '0', undefined, 'dist/host', 'host'],
    ['edge-cloud-karmada', '1', 'false', 'dist/karmada', 'karmada'],
  ]);
});

test('an ApplicationSet lists the members and makes each an Application like the others', () => {
  const { application } = synth({ clusters: { edge: 'edge-eu' } });

  const { kind, metadata, spec } = application('20-members');
  expect(kind).toBe('ApplicationSet');
  expect(metadata).toMatchObject({
    name: 'edge-cloud-members',
    namespace: 'argocd',
    annotations: { 'argocd.argoproj.io/sync-wave': '1' },
  });
  expect(spec.generators).toEqual([{ list: { elements: [{ member: 'edge', cluster: 'edge-eu' }] } }]);
  expect(spec.template.metadata.name).toBe('edge-cloud-member-{{ .member }}');
  const host = application('10-host').spec;
  expect(spec.template.spec).toEqual({
    ...host,
    source: { ...host.source, path: 'dist/members/{{ .member }}' },
    destination: { name: '{{ .cluster }}', namespace: 'serverless-federation' },
  });
});

test.each([
  [true, 'sync'],
  [false, 'create-update'],
])('a member that left the file keeps what it got; with prune: %s its Application follows %s', (prune, policy) => {
  const { application } = synth({ autoSync: { enabled: true, prune, selfHeal: true } });

  expect(application('20-members').spec.syncPolicy).toEqual({
    preserveResourcesOnDeletion: true,
    applicationsSync: policy,
  });
});

test('without members there is no ApplicationSet, and no right to make one', () => {
  const manifests = new Manifests();
  const host = manifests.file('host', '10-karmada');
  new k8s.KubeNamespace(host, 'namespace', { metadata: { name: 'karmada-system' } });
  syncByArgocd(
    (target, name) => manifests.file(target, name),
    'alone',
    argocd.parse({ repository: REPOSITORY }),
    new Map([['host', [host]]]),
  );

  const files = manifests.render();
  expect([...files.keys()]).not.toContain('argocd/applications/20-members.yaml');
  expect(files.get('argocd/00-projects.yaml')).not.toContain('ApplicationSet');
});

test('nothing is deleted without being told, what was changed by hand is undone, and applying is server-side', () => {
  const { application } = synth();

  const { metadata, spec } = application('10-host');
  expect(spec.syncPolicy.automated).toEqual({ prune: false, selfHeal: true });
  expect(spec.syncPolicy.syncOptions).toContain('ServerSideApply=true');
  expect(metadata).not.toHaveProperty('finalizers');
});

test('without automatic syncs somebody starts each', () => {
  const { application } = synth({ autoSync: { enabled: false, prune: false, selfHeal: false } });

  expect(application('10-host').spec.syncPolicy).not.toHaveProperty('automated');
});

test('the project allows the repository, the namespaces and the kinds of the manifests, and no more', () => {
  const { objects } = synth();

  const [targets, applications] = objects('argocd', '00-projects');
  expect(targets.metadata).toMatchObject({ name: 'edge-cloud', namespace: 'argocd' });
  expect(targets.spec).toEqual({
    description: expect.any(String),
    sourceRepos: [REPOSITORY],
    destinations: [
      { name: 'host', namespace: 'karmada-system' },
      { name: 'karmada', namespace: 'default' },
      { name: 'edge', namespace: 'serverless-federation' },
    ],
    clusterResourceWhitelist: [{ group: '', kind: 'Namespace' }],
    namespaceResourceWhitelist: [
      { group: '', kind: 'ConfigMap' },
      { group: '', kind: 'Service' },
      { group: 'apps', kind: 'Deployment' },
      { group: 'apps', kind: 'StatefulSet' },
      { group: 'autoscaling.karmada.io', kind: 'FederatedHPA' },
      { group: 'autoscaling', kind: 'HorizontalPodAutoscaler' },
    ],
  });
  expect(applications.spec).toMatchObject({
    sourceRepos: [REPOSITORY],
    destinations: [{ name: 'in-cluster', namespace: 'argocd' }],
    clusterResourceWhitelist: [],
    namespaceResourceWhitelist: [
      { group: 'argoproj.io', kind: 'Application' },
      { group: 'argoproj.io', kind: 'ApplicationSet' },
    ],
  });
});

test('every Application has a namespace that its project allows', () => {
  const { objects, application } = synth();

  const { destinations } = objects('argocd', '00-projects')[0].spec;
  for (const name of ['10-host', '20-karmada']) {
    expect(destinations).toContainEqual(application(name).spec.destination);
  }
  const { generators, template } = application('20-members').spec;
  for (const { cluster } of generators[0].list.elements) {
    expect(destinations).toContainEqual({ name: cluster, namespace: template.spec.destination.namespace });
  }
});

test('replicas belong to the autoscaler, and the generation that counts them', () => {
  const { application } = synth();

  const { spec } = application('20-karmada');
  const deployment = { group: 'apps', kind: 'Deployment', namespace: 'default' };
  const jsonPointers = ['/spec/replicas', '/metadata/generation'];
  expect(spec.ignoreDifferences).toEqual([
    { ...deployment, name: 'n-body', jsonPointers },
    { ...deployment, name: 'spin-app', jsonPointers },
  ]);
  expect(spec.syncPolicy.syncOptions).toContain('RespectIgnoreDifferences=true');
  expect(application('10-host').spec).not.toHaveProperty('ignoreDifferences');
});

test('what Karmada’s webhooks add is no difference', () => {
  const { application } = synth();

  const options = (name: string) => application(name).metadata.annotations['argocd.argoproj.io/compare-options'];
  expect(options('20-karmada')).toBe('ServerSideDiff=true,IncludeMutationWebhook=true');
  expect(options('10-host')).toBe('ServerSideDiff=true');
});

test('what holds data or others’ objects goes only when somebody confirms it', () => {
  const { objects } = synth();

  const [namespace, etcd, service] = objects('host', '10-karmada');
  for (const { metadata } of [namespace, etcd]) {
    expect(metadata.annotations).toEqual({ 'argocd.argoproj.io/sync-options': 'Prune=confirm,Delete=confirm' });
  }
  expect(service.metadata).not.toHaveProperty('annotations');
});

test('the health of an autoscaler, which Karmada does not tell, is not waited for', () => {
  const [, , autoscaler] = synth().objects('karmada', '20-n-body');

  expect(autoscaler.kind).toBe('HorizontalPodAutoscaler');
  expect(autoscaler.metadata.annotations).toEqual({ 'argocd.argoproj.io/ignore-healthcheck': 'true' });
});

test('hosts are bootstrapped by Argo CD only when the file says so, and then first', () => {
  expect([...synth().manifests.render().keys()].join()).not.toContain('applications/00-bootstrap');

  const { application, objects } = synth({ bootstrap: true });
  expect(application('00-bootstrap')).toMatchObject({
    metadata: { name: 'edge-cloud-bootstrap', annotations: { 'argocd.argoproj.io/sync-wave': '-1' } },
    spec: { source: { path: 'dist/bootstrap' }, destination: { name: 'in-cluster' } },
  });
  expect(objects('bootstrap', '00-hosts')[0].metadata.annotations).toEqual({
    'argocd.argoproj.io/compare-options': 'IgnoreExtraneous',
  });
});

test('clusters, project, folder, revision and namespace are called as the file says', () => {
  const { application, objects } = synth({
    clusters: { host: 'in-cluster', edge: 'edge-eu' },
    project: 'functions',
    path: 'deploy/dist',
    revision: 'v1.2.0',
    namespace: 'gitops',
  });

  expect(application('10-host').spec).toMatchObject({
    project: 'functions',
    source: { targetRevision: 'v1.2.0', path: 'deploy/dist/host' },
    destination: { name: 'in-cluster' },
  });
  expect(application('20-members').spec.template.spec).toMatchObject({
    project: 'functions',
    source: { targetRevision: 'v1.2.0', path: 'deploy/dist/members/{{ .member }}' },
  });
  expect(objects('argocd', '00-projects').map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)).toEqual([
    'gitops/functions',
    'gitops/functions-applications',
  ]);
});

test('argocd-cm is left alone when the file says so', () => {
  const { manifests } = synth({ healthChecks: false });

  expect([...manifests.render().keys()].filter((path) => path.startsWith('argocd/settings'))).toEqual([]);
});

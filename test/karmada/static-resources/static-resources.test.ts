import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load, loadAll } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { USERS } from '../../../constructs/karmada/certificates/plan.ts';
import {
  type StaticResourcesProps,
  staticResources,
} from '../../../constructs/karmada/static-resources/static-resources.ts';
import { missing, RENDERINGS } from '../chart-renderings.ts';
import { find, type Manifest } from '../objects.ts';

const ALL: StaticResourcesProps = {
  components: ['etcd', 'schedulerEstimator', 'descheduler', 'search', 'metricsAdapter'],
};

function objects(props: Partial<StaticResourcesProps> = {}): Manifest[] {
  const { first, last } = staticResources({ ...ALL, ...props });
  return [...first, ...last] as Manifest[];
}

/** What users are bound to, by the names of roles. */
function bindings(all: Manifest[], user: string): string[] {
  return all
    .filter(
      ({ kind, subjects }) =>
        kind.endsWith('Binding') && subjects.some(({ name }: Manifest['metadata']) => name === user),
    )
    .map(({ roleRef }) => roleRef.name);
}

test('namespaces come first, and every Role and Service has its namespace', () => {
  const all = objects({ namespace: 'fed' });
  expect(all.slice(0, 2).map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
    'Namespace fed',
    'Namespace karmada-cluster',
  ]);
  const own = ['kube-system', 'kube-public', 'fed'];
  for (const { kind, metadata } of all) {
    const isNamespaced = ['Role', 'RoleBinding', 'Service', 'ConfigMap'].includes(kind);
    if (isNamespaced) expect(own).toContain(metadata.namespace);
    else expect(metadata.namespace).toBeUndefined();
  }
});

test('the namespace of the control plane stays off the members, whatever it is called', () => {
  expect(find(objects({ namespace: 'fed' }), 'Namespace', 'fed').metadata.labels).toMatchObject({
    'namespace.karmada.io/skip-auto-propagation': 'true',
  });
});

test('no object is there twice', () => {
  const names = objects().map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`);
  expect(new Set(names).size).toBe(names.length);
});

test('every webhook and aggregated API is trusted by the CA, and none skips the check', () => {
  const text = JSON.stringify(objects());
  expect(text).not.toContain('insecureSkipTLSVerify');
  const webhooks = objects().flatMap(({ webhooks = [] }) => webhooks);
  expect(webhooks).toHaveLength(22);
  for (const { clientConfig } of webhooks) {
    expect(clientConfig.caBundle).toBe('{{caBundle}}');
    expect(clientConfig.url).toMatch(/^https:\/\/karmada-webhook\.karmada-system\.svc:443\//);
  }
  const apis = objects().filter(({ kind }) => kind === 'APIService');
  expect(apis).toHaveLength(5);
  for (const { spec } of apis) expect(spec.caBundle).toBe('{{caBundle}}');
});

test('the webhook is asked about everything that it checks, taint policies among them', () => {
  const { webhooks } = find(objects(), 'ValidatingWebhookConfiguration', 'validating-config');
  const paths = webhooks.map(({ clientConfig }: Manifest) => new URL(clientConfig.url).pathname);
  for (const kind of ['clustertaintpolicy', 'federatedhpa', 'cronfederatedhpa', 'resourcebinding']) {
    expect(paths).toContain(`/validate-${kind}`);
  }
});

test('a component gets its rights by a binding of its own user, and all rights only where its work is all kinds', () => {
  const all = objects();
  const admins = Object.values(USERS).filter((user) => bindings(all, user).includes('cluster-admin'));
  expect(admins).toEqual([USERS.controllerManagerClient, USERS.searchClient]);
  expect(bindings(all, USERS.schedulerClient).sort()).toEqual([
    'system:karmada:scheduler',
    'system:karmada:scheduler',
    'system:karmada:version-reader',
  ]);
  const wild = all.filter(
    ({ kind, rules }) =>
      kind.endsWith('Role') && rules.some(({ verbs, resources }: Manifest) => [...verbs, ...resources].includes('*')),
  );
  expect(wild.map(({ metadata }) => metadata.name)).toEqual([
    'karmada-cluster-proxy-admin',
    'system:karmada:agent-rbac-generator',
  ]);
});

test('whoever waits for the static resources may read whether they are there', () => {
  const all = objects();
  for (const user of Object.values(USERS)) {
    if (user === USERS.adminClient) continue;
    expect(bindings(all, user), user).toContain('system:karmada:version-reader');
  }
  expect(find(all, 'Role', 'system:karmada:version-reader').rules).toEqual([
    { apiGroups: [''], resources: ['configmaps'], resourceNames: ['karmada-version'], verbs: ['get'] },
  ]);
});

test('a component that is not there has no rights and no API', () => {
  const text = JSON.stringify(objects({ components: ['etcd'] }));
  for (const gone of ['karmada-search', 'metrics-adapter', 'descheduler', 'metrics.k8s.io', 'karmada:search']) {
    expect(text).not.toContain(gone);
  }
});

test('what an optional part has can be found by its label when it goes', () => {
  const withAll = objects();
  const less = { components: ['etcd'], registration: false } as const;
  const { absent } = staticResources(less);
  expect(staticResources(ALL).absent).toEqual([]);
  const without = new Set(objects(less).map(({ kind, metadata }) => `${kind} ${metadata.name}`));
  const optional = withAll.filter(({ kind, metadata }) => !without.has(`${kind} ${metadata.name}`));
  expect(optional.length).toBeGreaterThan(20);
  for (const { metadata } of optional) {
    expect(metadata.labels?.['app.kubernetes.io/managed-by']).toBe('serverless-federation');
    expect(absent).toContain(metadata.labels?.['app.kubernetes.io/component']);
  }
  // And nothing else is: what stays has none of these labels.
  const staying = objects(less).map(({ metadata }) => metadata.labels?.['app.kubernetes.io/component']);
  expect(staying.filter((label) => absent.includes(label ?? ''))).toEqual([]);
});

describe('registration of members in pull mode', () => {
  const serverOf = (all: Manifest[]) =>
    (load(find(all, 'ConfigMap', 'cluster-info').data.kubeconfig) as Manifest).clusters[0].cluster;

  test('names the address that members reach, not the one inside the host cluster', () => {
    const publicUrl = 'https://karmada.example.com:32443';
    expect(serverOf(objects({ publicUrl }))).toEqual({
      server: publicUrl,
      'certificate-authority-data': '{{caBundle}}',
    });
    expect(serverOf(objects()).server).toBe('https://karmada-apiserver.karmada-system.svc.cluster.local:5443');
  });

  test('can be left out, with everything that a bootstrap token may do and anonymous users may read', () => {
    const text = JSON.stringify(objects({ registration: false }));
    for (const gone of ['bootstrappers', 'anonymous', 'cluster-info', 'rbac-generator', 'system:karmada:agents']) {
      expect(text).not.toContain(gone);
    }
  });
});

const reference = join(RENDERINGS, 'components.yaml');
const lacking = missing(reference);

describe.skipIf(lacking)('beside what the chart puts into the Karmada API', () => {
  const rendered = lacking ? [] : (loadAll(readFileSync(reference, 'utf8')) as Manifest[]);
  const data =
    rendered.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'karmada-static-resources')?.data ??
    {};
  const theirs = Object.values<string>(data).flatMap((text) =>
    (loadAll(text.replace(/\{\{ *\w+ *\}\}/g, 'CA')) as (Manifest | null)[]).flatMap((one) => one ?? []),
  );
  const ours = JSON.parse(JSON.stringify(objects()).replaceAll('{{caBundle}}', 'CA')) as Manifest[];

  /** The chart leaves it to the API server to fill in whose kind a user is. */
  const withDefaults = ({ subjects, ...rest }: Manifest): Manifest => ({
    ...rest,
    ...(subjects && {
      subjects: subjects.map((subject: object) => ({ apiGroup: 'rbac.authorization.k8s.io', ...subject })),
    }),
  });

  test('there is something to compare', () => expect(theirs).toHaveLength(26));

  test.each(theirs.map((object) => [object.kind, object.metadata.name, object] as const))(
    '%s %s is the same, but for labels of ours and webhooks more',
    (kind, name, object) => {
      const { metadata, webhooks, data: content, ...rest } = find(ours, kind, name);
      const {
        metadata: theirMetadata,
        webhooks: theirWebhooks,
        data: theirContent,
        ...theirRest
      } = withDefaults(object);
      expect(rest).toEqual(theirRest);
      expect(metadata).toMatchObject({
        ...theirMetadata,
        labels: theirMetadata.labels ?? expect.anything(),
      });
      if (theirWebhooks) expect(webhooks).toEqual(expect.arrayContaining(theirWebhooks));
      if (theirContent) expect(load(content.kubeconfig)).toEqual(load(theirContent.kubeconfig));
    },
  );

  test('the chart lacks three webhooks, and the rights of users that are not system:masters', () => {
    const named = (all: Manifest[]) => new Set(all.map(({ kind, metadata }) => `${kind} ${metadata.name}`));
    const more = [...named(ours)].filter((name) => !named(theirs).has(name));
    expect(more.filter((name) => !/^(Cluster)?Role(Binding)? system:karmada:/.test(name))).toEqual([]);
    const count = (all: Manifest[]) => all.flatMap(({ webhooks = [] }) => webhooks).length;
    expect(count(ours) - count(theirs)).toBe(3);
  });
});

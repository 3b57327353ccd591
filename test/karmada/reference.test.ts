import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Chart, Yaml } from 'cdk8s';
import type { k8s } from 'cdk8s-plus-28';
import type { Construct } from 'constructs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Agent } from '../../constructs/karmada/agent.ts';
import { KarmadaControlPlane, type KarmadaControlPlaneProps } from '../../constructs/karmada/control-plane.ts';
import type { EtcdSettings } from '../../constructs/karmada/etcd.ts';
import type { ComponentSettings, DisruptionBudget, GatedComponentSettings } from '../../constructs/karmada/settings.ts';
import { COMPARE_MANIFESTS, missing, RENDERINGS } from './chart-renderings.ts';

/*
 * For each rendering of Karmada's chart, the properties that give the same. Where ours is another on purpose,
 * differences.txt says so, and why; what it does not name fails here.
 */

/** Without the defaults that are ours: requests of CPU and memory. */
const bare = <S extends GatedComponentSettings>(settings?: S) => ({ resources: {}, ...settings });

const apiserverAffinity: k8s.Affinity = {
  podAntiAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: [
      {
        labelSelector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['karmada-apiserver'] }] },
        topologyKey: 'kubernetes.io/hostname',
      },
    ],
  },
};
const etcdAffinity: k8s.Affinity = {
  podAntiAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: [
      {
        labelSelector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['etcd'] }] },
        topologyKey: 'kubernetes.io/hostname',
      },
    ],
  },
};
const hostPathEtcd: EtcdSettings = {
  resources: {},
  affinity: etcdAffinity,
  storage: { type: 'hostPath', path: '/var/lib/karmada-system/karmada-etcd' },
  nodeSelector: { 'kubernetes.io/hostname': 'cplane-1' },
};
const aggregated = { resources: { requests: { cpu: '100m' } } };
const chartGates = { featureGates: { PropagateDeps: false } };

const defaults = {
  etcd: hostPathEtcd,
  apiserver: bare({ affinity: apiserverAffinity }),
  aggregatedApiserver: aggregated,
  kubeControllerManager: bare(),
  controllerManager: bare(chartGates),
  scheduler: bare(),
  webhook: bare(),
} satisfies KarmadaControlPlaneProps;

const tolerations: k8s.Toleration[] = [
  { key: 'CriticalAddonsOnly', operator: 'Exists' },
  { key: 'node-role.kubernetes.io/control-plane', operator: 'Exists', effect: 'NoSchedule' },
];
const small = { requests: { cpu: '50m', memory: '64Mi' }, limits: { cpu: '500m', memory: '512Mi' } };
const amd64 = { 'kubernetes.io/arch': 'amd64' };
const placed: ComponentSettings = { nodeSelector: amd64, tolerations, resources: small };
const several = (replicas: number, podDisruptionBudget?: DisruptionBudget) => ({ replicas, podDisruptionBudget });

const controlPlanes: Record<string, KarmadaControlPlaneProps> = {
  default: defaults,
  ha: {
    etcd: {
      replicas: 3,
      affinity: etcdAffinity,
      storage: { type: 'persistent', size: '20Gi', storageClass: 'local-path' },
      resources: { requests: { cpu: '200m', memory: '512Mi' } },
    },
    apiserver: { ...defaults.apiserver, ...several(3, { maxUnavailable: 1 }) },
    aggregatedApiserver: { ...aggregated, ...several(2, { minAvailable: 1 }) },
    kubeControllerManager: bare(several(2)),
    controllerManager: bare({ ...chartGates, ...several(2, { maxUnavailable: '50%' }) }),
    scheduler: bare(several(2, { minAvailable: 1 })),
    webhook: bare(several(2, { minAvailable: 1 })),
  },
  components: {
    ...defaults,
    schedulerEstimator: { resources: {}, members: [{ name: 'member1' }, { name: 'member2', replicas: 2 }] },
    descheduler: bare(),
    search: bare(),
    metricsAdapter: { resources: aggregated.resources },
  },
  'nodeport-and-hosts': {
    ...defaults,
    apiserver: {
      ...defaults.apiserver,
      service: { type: 'NodePort', nodePort: 32443, annotations: { 'example.com/owner': 'platform' } },
    },
    certificates: {
      hosts: ['karmada-cplane.example.com', '1.2.3.4', '100.64.0.5'],
      days: 365,
      caDays: 1825,
      keySize: 4096,
    },
  },
  placement: {
    registry: 'mirror.example.com:5000',
    imagePullSecrets: ['mirror-login'],
    etcd: {
      ...hostPathEtcd,
      nodeSelector: { 'node-role.kubernetes.io/control-plane': 'true' },
      tolerations,
      resources: { requests: { cpu: '100m', memory: '256Mi' }, limits: { memory: '2Gi' } },
      podLabels: { tier: 'storage' },
    },
    apiserver: {
      ...defaults.apiserver,
      nodeSelector: { 'node-role.kubernetes.io/control-plane': 'true' },
      tolerations,
      resources: { requests: { cpu: '250m', memory: '512Mi' } },
      podLabels: { tier: 'api' },
      podAnnotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': '5443' },
    },
    aggregatedApiserver: {
      ...placed,
      podLabels: { tier: 'api' },
      podAnnotations: { 'example.com/note': 'aggregated' },
    },
    kubeControllerManager: { ...placed, podAnnotations: { 'example.com/note': 'kcm' } },
    controllerManager: {
      ...placed,
      ...chartGates,
      imagePullSecrets: ['controller-login'],
      podLabels: { tier: 'control' },
      podAnnotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': '8080' },
    },
    scheduler: {
      ...placed,
      imagePullSecrets: ['scheduler-login'],
      podLabels: { tier: 'control' },
      podAnnotations: { 'prometheus.io/scrape': 'true' },
      affinity: {
        podAntiAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [
            {
              weight: 100,
              podAffinityTerm: {
                topologyKey: 'kubernetes.io/hostname',
                labelSelector: { matchLabels: { app: 'karmada-scheduler' } },
              },
            },
          ],
        },
      },
    },
    webhook: {
      ...placed,
      podLabels: { tier: 'admission' },
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/os', operator: 'In', values: ['linux'] }] }],
          },
        },
      },
    },
  },
  'custom-certs': { ...defaults, certificates: { source: 'existing' } },
  'external-etcd': {
    ...defaults,
    etcd: {
      external: {
        endpoints: ['https://10.0.0.11:2379', 'https://10.0.0.12:2379', 'https://10.0.0.13:2379'],
        secretName: 'karmada-external-etcd-cert',
        prefix: '/registry/karmada-edge',
      },
    },
  },
};

/** A rule of differences.txt: objects, and a field of them. */
interface Rule {
  readonly text: string;
  readonly object: RegExp;
  readonly field?: RegExp;
}

const glob = (pattern: string, end = '') =>
  new RegExp(
    `^${pattern
      .replace(/[\\^$.|+()[\]{}]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}${end}$`,
  );

const rules: Rule[] = readFileSync(join(import.meta.dirname, 'differences.txt'), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((text) => {
    const [object = '', field] = text.split(' ');
    return { text, object: glob(object), ...(field && { field: glob(field, '(\\..*)?') }) };
  });

/** Something that two sides have not the same, with the rules that name it. */
interface Difference {
  readonly text: string;
  readonly rules: readonly Rule[];
}

/** What `compare-manifests` has found. */
function differencesIn(report: string): Difference[] {
  let object = '';
  return [...report.matchAll(/.+/g)].flatMap(([line]) => {
    const [, missing, kind, name] = /^(missing: |extra: )?(\w+) (?:[^ ]+\/)?([^ ]+)( \(.*\))?$/.exec(line) ?? [];
    if (kind) object = `${kind}/${name}`;
    // An object of which fields follow, and lines of the text above.
    if ((kind && !missing) || line.startsWith('      ')) return [];
    const [, path = ''] = /^ {2}(\S.*?): /.exec(line) ?? [];
    const naming = rules.filter((rule) => rule.object.test(object) && (rule.field?.test(path) ?? true));
    return [{ text: path ? `${object}${line}` : line, rules: naming }];
  });
}

describe.skipIf(missing(COMPARE_MANIFESTS, RENDERINGS))("equality with Karmada's chart", () => {
  let work: string;
  beforeAll(() => {
    work = mkdtempSync(join(tmpdir(), 'karmada-reference-'));
  });
  afterAll(() => rmSync(work, { recursive: true }));
  const needed = new Set<Rule>();

  const compare = (name: string, add: (scope: Construct) => void, rename = (yaml: string) => yaml) => {
    const chart = new Chart(new App(), name);
    add(chart);
    const ours = join(work, `${name}.yaml`);
    writeFileSync(ours, rename(Yaml.stringify(...chart.toJson())));
    const { stdout, stderr } = spawnSync(COMPARE_MANIFESTS, [join(RENDERINGS, `${name}.yaml`), ours], {
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    const [report = '', summary] = stdout.split(/^(?=compare: )/m);
    expect(summary).toMatch(/^compare: \d+ objects equal, /);
    const found = differencesIn(report);
    expect(found.filter(({ rules }) => rules.length === 0).map(({ text }) => text)).toEqual([]);
    for (const rule of found.flatMap(({ rules }) => rules)) needed.add(rule);
  };

  test.each(Object.entries(controlPlanes))(
    'the case %s is the same but for named differences',
    (name, props) => {
      compare(
        name,
        (scope) => new KarmadaControlPlane(scope, 'karmada', props),
        // The chart calls the container of karmada-metrics-adapter after another component.
        (yaml) => yaml.replace(/^( {10}name): karmada-metrics-adapter$/m, '$1: karmada-aggregated-apiserver'),
      );
    },
    120_000,
  );

  test('the case agent is the same but for named differences', () => {
    compare(
      'agent',
      (scope) => new Agent(scope, 'agent', { member: 'edge-1', apiEndpoint: 'https://10.20.0.1:6443', resources: {} }),
      // The chart calls everything after its release.
      (yaml) => yaml.replace(/(name|serviceAccountName): karmada-agent$/gm, '$1: karmada'),
    );
  }, 120_000);

  test('every difference that is named is one', () => {
    expect(rules.filter((rule) => !needed.has(rule)).map(({ text }) => text)).toEqual([]);
  });
});

import { describe, expect, test } from 'vitest';
import { AGENT_NAMESPACE, Agent } from '../../constructs/karmada/agent.ts';
import {
  controlPlaneParts,
  KarmadaControlPlane,
  type KarmadaControlPlaneProps,
} from '../../constructs/karmada/control-plane.ts';
import { EstimatorAccess } from '../../constructs/karmada/scheduler-estimator.ts';
import { FailoverTaints } from '../../constructs/policy/failover-taints.ts';
import { karmada } from '../../constructs/spec/karmada.ts';
import { find, flags, type Manifest, synth, workloads } from './objects.ts';

const everything: KarmadaControlPlaneProps = {
  etcd: { replicas: 3 },
  schedulerEstimator: { members: [{ name: 'edge-1' }, { name: 'edge-2', replicas: 2 }] },
  descheduler: {},
  search: {},
  metricsAdapter: {},
};

const controlPlane = (props: KarmadaControlPlaneProps = {}) =>
  synth((scope) => new KarmadaControlPlane(scope, 'karmada', props));
const pod = (workload: Manifest) => workload.spec.template.spec;
const names = (objects: readonly Manifest[], kind: string) =>
  objects.filter((object) => object.kind === kind).map(({ metadata }) => metadata.name);

describe('the parts of a control plane', () => {
  test('are files in the order of their names', () => {
    const files = controlPlaneParts(everything).map(({ file }) => file);
    expect(files).toEqual([...files].sort());
    expect(new Set(files).size).toBe(files.length);
    expect(files).toContain('30-karmada-etcd');
  });

  test('together are the whole control plane', () => {
    const parts = synth((scope) => {
      for (const part of controlPlaneParts(everything)) part.add(scope);
    });
    expect(parts).toEqual(controlPlane(everything));
  });

  test('have Jobs that are found by their name without its hash', () => {
    const jobs = controlPlane().filter(({ kind }) => kind === 'Job');
    expect(jobs.map(({ metadata }) => metadata.labels?.['app.kubernetes.io/name'])).toEqual([
      'karmada-certificates',
      'karmada-static-resources',
    ]);
  });

  test('are what the file says, without a word about them', () => {
    expect(controlPlane(karmada.parse({}))).toEqual(controlPlane());
  });

  test('leave out what the file does not ask for', () => {
    expect(names(controlPlane(), 'Deployment')).toEqual([
      'karmada-apiserver',
      'karmada-aggregated-apiserver',
      'karmada-kube-controller-manager',
      'karmada-controller-manager',
      'karmada-scheduler',
      'karmada-webhook',
    ]);
    expect(names(controlPlane({ etcd: { external: externalEtcd } }), 'StatefulSet')).toEqual([]);
  });
});

const externalEtcd = { endpoints: ['https://10.0.0.11:2379', 'https://10.0.0.12:2379'], secretName: 'our-etcd' };

describe('every pod of the control plane', () => {
  const pods = workloads(controlPlane(everything)).map((workload) => [workload.metadata.name, pod(workload)] as const);

  test.each(pods)('%s meets the restricted Pod Security Standard', (_, spec) => {
    expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    for (const container of [...spec.containers, ...(spec.initContainers ?? [])]) {
      expect(container.securityContext).toMatchObject({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      for (const capability of container.securityContext.capabilities.add ?? []) {
        expect(capability).toBe('NET_BIND_SERVICE');
      }
    }
    expect(spec.hostNetwork).toBeUndefined();
    for (const volume of spec.volumes) expect(volume).not.toHaveProperty('hostPath');
  });

  test.each(pods)('%s asks for CPU and memory', (_, spec) => {
    for (const { resources } of [...spec.containers, ...(spec.initContainers ?? [])]) {
      expect(resources.requests).toEqual({ cpu: expect.any(String), memory: expect.any(String) });
    }
  });

  test.each(pods)('%s has images with a fixed tag', (_, spec) => {
    for (const { image } of [...spec.containers, ...(spec.initContainers ?? [])]) {
      expect(image).toMatch(/^[a-z0-9.]+\/.+:[^:]*\d[^:]*$/);
    }
  });

  test.each(pods)('%s mounts every file that a flag names', (_, spec) => {
    for (const { command, args = [], volumeMounts } of spec.containers) {
      const files = [...command, ...args].flatMap((word: string) => word.match(/\/etc\/karmada\/[^,]*$/) ?? []);
      for (const file of files) {
        const mount = volumeMounts.find(({ mountPath }: { mountPath: string }) =>
          `${file}/`.startsWith(`${mountPath}/`),
        );
        expect(mount, file).toBeDefined();
      }
    }
  });

  test.each(pods)('%s mounts volumes that it has, each with all its uses', (_, spec) => {
    const used = [...spec.containers, ...(spec.initContainers ?? [])].flatMap(({ volumeMounts = [] }) =>
      volumeMounts.map(({ name }: { name: string }) => name),
    );
    const claimed = ['etcd-data'];
    const there = [...spec.volumes.map(({ name }: { name: string }) => name), ...claimed];
    for (const name of used) expect(there).toContain(name);
    for (const { name } of spec.volumes) expect(used).toContain(name);
  });

  test.each(pods)('%s holds no token of the host cluster, but for the Job that makes Secrets', (name, spec) => {
    expect(spec.automountServiceAccountToken).toBe(name.startsWith('karmada-certificates-'));
  });

  test('every Secret and ConfigMap that a pod mounts is made for it', () => {
    const objects = controlPlane(everything);
    const made = names(objects, 'ConfigMap');
    for (const [name, spec] of pods) {
      for (const { configMap } of spec.volumes) if (configMap) expect(made, name).toContain(configMap.name);
    }
  });
});

describe('several replicas', () => {
  const objects = controlPlane({ ...everything, scheduler: { replicas: 2 }, apiserver: { replicas: 3 } });

  test('spread over nodes as far as there are some', () => {
    for (const name of ['karmada-scheduler', 'karmada-apiserver', 'karmada-search']) {
      expect(pod(find(objects, 'Deployment', name)).topologySpreadConstraints).toEqual([
        {
          maxSkew: 1,
          topologyKey: 'kubernetes.io/hostname',
          whenUnsatisfiable: 'ScheduleAnyway',
          labelSelector: { matchLabels: { app: name } },
        },
      ]);
    }
    expect(pod(find(objects, 'Deployment', 'karmada-webhook'))).not.toHaveProperty('topologySpreadConstraints');
  });

  test('have a disruption budget, for the very pods that they are; a single one has none to block its node', () => {
    expect(names(objects, 'PodDisruptionBudget')).toEqual([
      'etcd',
      'karmada-apiserver',
      'karmada-scheduler',
      'karmada-scheduler-estimator-edge-2',
      'karmada-descheduler',
      'karmada-search',
    ]);
    expect(find(objects, 'PodDisruptionBudget', 'karmada-apiserver').spec).toEqual({
      maxUnavailable: 1,
      selector: { matchLabels: { app: 'karmada-apiserver' } },
    });
  });

  test('of etcd are never on one node', () => {
    const [rule] = pod(find(objects, 'StatefulSet', 'etcd')).affinity.podAntiAffinity
      .requiredDuringSchedulingIgnoredDuringExecution;
    expect(rule).toEqual({ labelSelector: { matchLabels: { app: 'etcd' } }, topologyKey: 'kubernetes.io/hostname' });
  });
});

describe("the faults of Karmada's chart are not repeated", () => {
  test('1: etcd with three replicas starts from nothing', () => {
    const objects = controlPlane({ etcd: { replicas: 3 } });
    const etcd = find(objects, 'StatefulSet', 'etcd');
    expect(etcd.spec.podManagementPolicy).toBe('Parallel');
    const service = find(objects, 'Service', etcd.spec.serviceName);
    expect(service.spec).toMatchObject({ clusterIP: 'None', publishNotReadyAddresses: true });
    const member = (i: number) => `etcd-${i}=https://etcd-${i}.etcd.karmada-system.svc.cluster.local:2380`;
    expect(flags(etcd)['initial-cluster']).toBe([0, 1, 2].map(member).join(','));
    expect(flags(etcd)['initial-advertise-peer-urls']).toBe(
      'https://$(KARMADA_ETCD_NAME).etcd.karmada-system.svc.cluster.local:2380',
    );
  });

  test('2: with an external etcd, the API server waits for that one', () => {
    const objects = controlPlane({ etcd: { external: externalEtcd } });
    const spec = pod(find(objects, 'Deployment', 'karmada-apiserver'));
    expect(spec.initContainers[0].env).toContainEqual({
      name: 'ENDPOINTS',
      value: 'https://10.0.0.11:2379,https://10.0.0.12:2379',
    });
    expect(names(objects, 'Service')).not.toContain('etcd-client');
    expect(spec.volumes).toContainEqual(
      expect.objectContaining({ secret: { secretName: 'our-etcd', defaultMode: 0o440 } }),
    );
    for (const name of ['karmada-apiserver', 'karmada-aggregated-apiserver']) {
      const given = flags(find(objects, 'Deployment', name));
      expect(given['etcd-servers']).toBe('https://10.0.0.11:2379,https://10.0.0.12:2379');
      expect(given).not.toHaveProperty('etcd-prefix');
    }
  });

  test('3: all of it is in its namespace, and goes with that and nothing else', () => {
    for (const source of ['job', 'cert-manager'] as const) {
      for (const { kind, metadata } of controlPlane({ ...everything, certificates: { source } })) {
        expect(metadata.namespace, `${kind} ${metadata.name}`).toBe('karmada-system');
      }
    }
  });

  test('3: nothing deletes anything on the host cluster', () => {
    for (const { kind, rules } of controlPlane(everything)) {
      if (!['Role', 'ClusterRole'].includes(kind)) continue;
      for (const { verbs } of rules) for (const verb of verbs) expect(verb).not.toMatch(/^(\*|delete.*)$/);
    }
  });

  test('4 and 5: labels are maps, and those of a component reach its pods', () => {
    const settings = { podLabels: { tier: 'control' } };
    const objects = controlPlane({
      etcd: settings,
      apiserver: settings,
      aggregatedApiserver: settings,
      kubeControllerManager: settings,
      controllerManager: settings,
      scheduler: settings,
      webhook: settings,
      schedulerEstimator: { ...settings, members: [{ name: 'edge-1' }] },
      descheduler: settings,
      search: settings,
      metricsAdapter: settings,
    });
    for (const workload of workloads(objects).filter(({ kind }) => kind !== 'Job')) {
      expect(workload.spec.template.metadata.labels).toMatchObject({
        tier: 'control',
        ...workload.spec.selector.matchLabels,
      });
      // What selects pods cannot be changed later.
      expect(workload.spec.selector.matchLabels).not.toHaveProperty('tier');
    }
    // `labels: null`, or a text, is what the chart makes of labels that are not given.
    for (const { metadata, spec } of controlPlane(everything)) {
      for (const { labels = {} } of [metadata, spec?.template?.metadata ?? {}]) {
        expect(Object.prototype.toString.call(labels)).toBe('[object Object]');
        for (const value of Object.values(labels)) expect(value).toBeTypeOf('string');
      }
    }
  });

  test('6: a priority class comes without a figure that may contradict it', () => {
    const spec = pod(
      find(controlPlane({ apiserver: { priorityClassName: 'ours' } }), 'Deployment', 'karmada-apiserver'),
    );
    expect(spec.priorityClassName).toBe('ours');
    expect(spec).not.toHaveProperty('priority');
  });

  test('7: estimators go where they are told, and are looked for where they are', () => {
    const objects = controlPlane({
      ...everything,
      namespace: 'federation',
      schedulerEstimator: {
        nodeSelector: { disk: 'ssd' },
        affinity: { podAffinity: {} },
        members: [{ name: 'edge-1' }],
      },
    });
    const estimator = find(objects, 'Deployment', 'karmada-scheduler-estimator-edge-1');
    expect(pod(estimator)).toMatchObject({ nodeSelector: { disk: 'ssd' }, affinity: { podAffinity: {} } });
    expect(estimator.metadata.namespace).toBe('federation');
    for (const name of ['karmada-scheduler', 'karmada-descheduler']) {
      expect(flags(find(objects, 'Deployment', name))['scheduler-estimator-service-namespace']).toBe('federation');
    }
    expect(flags(find(objects, 'Deployment', 'karmada-scheduler'))['enable-scheduler-estimator']).toBe('true');
  });

  test('8: a Job that failed does not stand in the way of the next, which has another name', () => {
    const jobs = (props: KarmadaControlPlaneProps) => names(controlPlane(props), 'Job');
    expect(jobs({})).toEqual(jobs({}));
    expect(jobs({ version: 'v1.18.3' })).not.toEqual(jobs({}));
    for (const name of jobs({})) expect(name).toMatch(/-[0-9a-f]{8}$/);
  });

  test('9: no image is latest', () => {
    expect(JSON.stringify(controlPlane(everything))).not.toMatch(/:latest"/);
  });
});

describe('etcd', () => {
  const etcd = (props: KarmadaControlPlaneProps['etcd']) => find(controlPlane({ etcd: props }), 'StatefulSet', 'etcd');

  test('keeps its data on a volume of the default class, or of the one that is named', () => {
    const [claim] = etcd({}).spec.volumeClaimTemplates;
    expect(claim.spec).toEqual({ accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '10Gi' } } });
    const [named] = etcd({ storage: { type: 'persistent', size: '20Gi', storageClass: 'fast' } }).spec
      .volumeClaimTemplates;
    expect(named.spec).toMatchObject({ storageClassName: 'fast', resources: { requests: { storage: '20Gi' } } });
  });

  test('on a host path runs as root without privileges, bound to its node', () => {
    const workload = etcd({
      storage: { type: 'hostPath', path: '/var/lib/karmada-etcd' },
      nodeSelector: { 'kubernetes.io/hostname': 'cplane-1' },
    });
    expect(workload.spec).not.toHaveProperty('volumeClaimTemplates');
    expect(pod(workload)).toMatchObject({
      nodeSelector: { 'kubernetes.io/hostname': 'cplane-1' },
      securityContext: { runAsUser: 0, seccompProfile: { type: 'RuntimeDefault' } },
    });
    expect(pod(workload).containers[0].securityContext.capabilities).toEqual({ drop: ['ALL'] });
    expect(pod(workload).volumes).toContainEqual({
      name: 'etcd-data',
      hostPath: { path: '/var/lib/karmada-etcd', type: 'DirectoryOrCreate' },
    });
  });

  test('in memory holds no more than it may', () => {
    expect(pod(etcd({ storage: { type: 'memory', size: '512Mi' } })).volumes).toContainEqual({
      name: 'etcd-data',
      emptyDir: { medium: 'Memory', sizeLimit: '512Mi' },
    });
  });

  test('speaks TLS with clients and peers, and knows both by certificate', () => {
    expect(flags(etcd({ replicas: 3 }))).toMatchObject({
      'listen-client-urls': 'https://0.0.0.0:2379',
      'listen-peer-urls': 'https://0.0.0.0:2380',
      'client-cert-auth': 'true',
      'peer-client-cert-auth': 'true',
      'tls-min-version': 'TLS1.3',
    });
  });

  test.each([
    [{ replicas: 2 }, "'replicas' of etcd must be odd, for its quorum, such as 3, got 2"],
    [{ replicas: 9 }, "'replicas' of etcd must be at most 7, got 9"],
    [
      { replicas: 3, storage: { type: 'memory', size: '1Gi' } },
      "'storage' of etcd with 3 replicas must be persistent: a member that finds no data, or another's, cannot come back",
    ],
    [
      { storage: { type: 'hostPath', path: '/data' } },
      "'nodeSelector' of etcd must name the node where its host path is, such as { 'kubernetes.io/hostname': 'cplane-1' }",
    ],
  ] as const)('refuses %j', (props, message) => {
    expect(() => etcd(props)).toThrow(message);
  });

  test('that is there already takes no setting of one of its own', () => {
    const storage = { type: 'persistent', size: '20Gi' } as const;
    expect(() => controlPlane({ etcd: { external: externalEtcd, storage } })).toThrow(
      "'storage' of etcd is for one of its own: leave it out, or leave out 'external'",
    );
  });
});

describe('the API server', () => {
  const service = (props: KarmadaControlPlaneProps['apiserver']) =>
    find(controlPlane({ apiserver: props }), 'Service', 'karmada-apiserver');

  test('is reached inside the cluster only, at a node port, or by a load balancer', () => {
    expect(service({}).spec.type).toBe('ClusterIP');
    expect(service({ service: { type: 'NodePort', nodePort: 32443 } }).spec).toMatchObject({
      type: 'NodePort',
      ports: [{ port: 5443, nodePort: 32443 }],
    });
    const balanced = service({
      service: {
        type: 'LoadBalancer',
        loadBalancerClass: 'example.com/lb',
        loadBalancerSourceRanges: ['203.0.113.0/24'],
        annotations: { 'example.com/pool': 'public' },
      },
    });
    expect(balanced.metadata.annotations).toEqual({ 'example.com/pool': 'public' });
    expect(balanced.spec).toMatchObject({
      type: 'LoadBalancer',
      loadBalancerClass: 'example.com/lb',
      loadBalancerSourceRanges: ['203.0.113.0/24'],
    });
  });

  test.each([
    [{ nodePort: 32443 }, "'nodePort' of the apiserver's service must come with 'type' NodePort or LoadBalancer"],
    [{ type: 'NodePort', nodePort: 443 }, "'nodePort' of the apiserver's service must be 30000 to 32767, got 443"],
    [
      { type: 'NodePort', loadBalancerClass: 'x' },
      "'loadBalancerClass' and 'loadBalancerSourceRanges' of the apiserver's service must come with 'type' LoadBalancer, got NodePort",
    ],
  ] as const)('refuses %j', (props, message) => {
    expect(() => service({ service: props })).toThrow(message);
  });

  test('signs tokens with a key that is for nothing else', () => {
    const objects = controlPlane();
    const apiserver = flags(find(objects, 'Deployment', 'karmada-apiserver'));
    const controllers = flags(find(objects, 'Deployment', 'karmada-kube-controller-manager'));
    const key = '/etc/karmada/service-account/tls.key';
    expect(apiserver['service-account-signing-key-file']).toBe(key);
    expect(controllers['service-account-private-key-file']).toBe(key);
    expect(Object.values(apiserver).filter((value) => value === key)).toHaveLength(2);
  });

  test('reads what encrypts Secrets, and the CA of an OIDC issuer, from Secrets', () => {
    const deployment = find(
      controlPlane({
        apiserver: {
          encryption: { name: 'encryption', key: 'config.yaml' },
          oidcCa: { name: 'oidc', key: 'ca.crt' },
          extraArgs: { 'oidc-issuer-url': 'https://login.example.com' },
        },
      }),
      'Deployment',
      'karmada-apiserver',
    );
    expect(flags(deployment)).toMatchObject({
      'encryption-provider-config': '/etc/karmada/encryption/config.yaml',
      'oidc-ca-file': '/etc/karmada/oidc-ca/ca.crt',
      'oidc-issuer-url': 'https://login.example.com',
    });
    expect(pod(deployment).volumes).toContainEqual({
      name: 'encryption',
      secret: { secretName: 'encryption', items: [{ key: 'config.yaml', path: 'config.yaml' }], defaultMode: 0o440 },
    });
  });
});

describe('settings', () => {
  test('a mirror takes the place of every registry; an image that is named stays', () => {
    const objects = controlPlane({
      ...everything,
      registry: 'mirror.example.com:5000/k8s',
      scheduler: { image: 'ghcr.io/example/scheduler:v1' },
    });
    for (const workload of workloads(objects)) {
      for (const { image } of [...pod(workload).containers, ...(pod(workload).initContainers ?? [])]) {
        if (image === 'ghcr.io/example/scheduler:v1') continue;
        expect(image).toMatch(/^mirror\.example\.com:5000\/k8s\//);
      }
    }
    expect(pod(find(objects, 'Deployment', 'karmada-scheduler')).containers[0].image).toBe(
      'ghcr.io/example/scheduler:v1',
    );
    expect(pod(find(objects, 'StatefulSet', 'etcd')).containers[0].image).toMatch(
      /^mirror\.example\.com:5000\/k8s\/etcd:/,
    );
  });

  test('Jobs and containers that wait have the image that is named for them, whatever the mirror', () => {
    const toolsImage = 'registry.example.com/tools:v1';
    for (const workload of workloads(controlPlane({ ...everything, registry: 'mirror.example.com', toolsImage }))) {
      const { containers, initContainers = [] } = pod(workload);
      const tools = workload.kind === 'Job' ? containers : initContainers;
      for (const { image } of tools) expect(image, workload.metadata.name).toBe(toolsImage);
    }
  });

  test('pull secrets of the control plane come before those of a component, each once', () => {
    const objects = controlPlane({
      imagePullSecrets: ['mirror'],
      scheduler: { imagePullSecrets: ['own', 'mirror'] },
    });
    expect(pod(find(objects, 'Deployment', 'karmada-scheduler')).imagePullSecrets).toEqual([
      { name: 'mirror' },
      { name: 'own' },
    ]);
    for (const workload of workloads(objects)) {
      expect(pod(workload).imagePullSecrets).toContainEqual({ name: 'mirror' });
    }
  });

  test('nodes are chosen for all pods at once, Jobs included, unless a component chooses its own', () => {
    const tolerations = [{ key: 'CriticalAddonsOnly', operator: 'Exists' }];
    const objects = controlPlane({
      ...everything,
      nodeSelector: { pool: 'control' },
      tolerations,
      search: { nodeSelector: { pool: 'search' }, tolerations: [] },
    });
    for (const workload of workloads(objects)) {
      const own = workload.metadata.name === 'karmada-search';
      expect(pod(workload).nodeSelector, workload.metadata.name).toEqual({ pool: own ? 'search' : 'control' });
      expect(pod(workload).tolerations ?? [], workload.metadata.name).toEqual(own ? [] : tolerations);
    }
  });

  test('further flags go after the others, or in the place of their namesakes', () => {
    const scheduler = find(
      controlPlane({
        scheduler: { extraArgs: { v: 4, 'kube-api-qps': 80, 'enable-empty-workload-propagation': true } },
      }),
      'Deployment',
      'karmada-scheduler',
    );
    expect(flags(scheduler)).toMatchObject({
      v: '4',
      'kube-api-qps': '80',
      'enable-empty-workload-propagation': 'true',
    });
    expect(pod(scheduler).containers[0].args.filter((flag: string) => flag.startsWith('--v='))).toHaveLength(1);
  });

  test("gates of Karmada reach its components, and never Kubernetes'", () => {
    const objects = controlPlane({
      ...everything,
      featureGates: { MultiClusterService: true, PropagateDeps: false },
      scheduler: { featureGates: { PropagateDeps: true } },
      apiserver: { featureGates: { WatchList: true } },
    });
    const gates = (name: string) => flags(find(objects, 'Deployment', name))['feature-gates'];
    expect(gates('karmada-controller-manager')).toBe('MultiClusterService=true,PropagateDeps=false');
    expect(gates('karmada-scheduler')).toBe('MultiClusterService=true,PropagateDeps=true');
    expect(gates('karmada-apiserver')).toBe('WatchList=true');
    expect(gates('karmada-kube-controller-manager')).toBeUndefined();
    // These have no such flag.
    for (const name of ['karmada-search', 'karmada-descheduler', 'karmada-metrics-adapter']) {
      expect(gates(name)).toBeUndefined();
    }
  });

  test('another namespace and domain reach every object and every address', () => {
    const objects = controlPlane({ ...everything, namespace: 'federation', clusterDomain: 'example.internal' });
    for (const { kind, metadata } of objects) {
      if (!kind.startsWith('Cluster')) expect(metadata.namespace).toBe('federation');
    }
    for (const workload of workloads(objects).filter(({ kind }) => kind !== 'Job')) {
      expect(JSON.stringify(workload)).not.toMatch(/karmada-system|cluster\.local/);
    }
  });

  test.each([
    [
      { podLabels: { app: 'x' } },
      "'podLabels' of karmada-scheduler must not hold 'app', by which karmada-scheduler finds its pods",
    ],
    [
      { extraArgs: { 'feature-gates': 'A=true' } },
      "'extraArgs' of karmada-scheduler must not hold 'feature-gates', give them as 'featureGates'",
    ],
    [
      { podDisruptionBudget: { minAvailable: 1, maxUnavailable: 1 } },
      "'podDisruptionBudget' of karmada-scheduler must have 'minAvailable' or 'maxUnavailable', not both",
    ],
    [
      { replicas: 2, podDisruptionBudget: { minAvailable: 2 } },
      "'podDisruptionBudget' of karmada-scheduler would keep all 2 replicas, so that no node of theirs could be drained",
    ],
  ])('refuses %j', (settings, message) => {
    expect(() => controlPlane({ scheduler: settings })).toThrow(message);
  });
});

describe('failover', () => {
  const FLAGS = {
    'karmada-controller-manager': { 'feature-gates': 'Failover=true', 'enable-no-execute-taint-eviction': 'true' },
    'karmada-webhook': { 'allow-no-execute-taint-policy': 'true' },
  };

  test.each(Object.entries(FLAGS))('is on with all its flags, or off with none: %s', (name, given) => {
    expect(flags(find(controlPlane({ failover: true }), 'Deployment', name))).toMatchObject(given);
    for (const flag of Object.keys(given)) {
      expect(flags(find(controlPlane(), 'Deployment', name))).not.toHaveProperty(flag);
    }
  });

  test('does not go with its gate turned off', () => {
    expect(() => controlPlane({ failover: true, featureGates: { Failover: false } })).toThrow(
      "'featureGates' must not turn 'Failover' off where 'failover' is true",
    );
  });

  test('gives a member that is not ready a taint that moves work away, and takes it back', () => {
    const [policy] = synth((scope) => new FailoverTaints(scope, 'failover'));
    expect(policy?.spec).toEqual({
      addOnConditions: [{ conditionType: 'Ready', operator: 'NotIn', statusValues: ['True'] }],
      removeOnConditions: [{ conditionType: 'Ready', operator: 'In', statusValues: ['True'] }],
      taints: [{ key: 'cluster.karmada.io/not-ready', effect: 'NoExecute' }],
    });
  });
});

test('search is ready as soon as it serves, before the informers that ask search itself', () => {
  const { path } = pod(find(controlPlane(everything), 'Deployment', 'karmada-search')).containers[0].readinessProbe
    .httpGet;
  const { pathname, searchParams } = new URL(path, 'https://karmada-search');
  // Other paths a kubelet, which shows no certificate, may not ask for.
  expect(pathname).toBe('/readyz');
  expect(searchParams.getAll('exclude')).toEqual([
    'poststarthook/start-karmada-informers',
    'poststarthook/start-karmada-search-controller',
  ]);
});

describe('an estimator', () => {
  test('shows its certificate, asks for one, and reads its member by a Secret of its own', () => {
    const objects = controlPlane(everything);
    const estimator = find(objects, 'Deployment', 'karmada-scheduler-estimator-edge-2');
    expect(estimator.spec.replicas).toBe(2);
    expect(flags(estimator)).toMatchObject({
      'cluster-name': 'edge-2',
      kubeconfig: '/etc/karmada/member/kubeconfig',
      'grpc-client-ca-file': '/etc/karmada/server/ca.crt',
    });
    expect(pod(estimator).volumes).toContainEqual({
      name: 'member',
      secret: { secretName: 'edge-2-kubeconfig', defaultMode: 0o440 },
    });
    const service = find(objects, 'Service', 'karmada-scheduler-estimator-edge-2');
    expect(service.spec.selector).toEqual(estimator.spec.selector.matchLabels);
  });

  test('may only look at its member', () => {
    const role = find(
      synth((scope) => new EstimatorAccess(scope, 'estimator')),
      'ClusterRole',
      'karmada-scheduler-estimator',
    );
    for (const { verbs, resources } of role.rules) {
      expect(verbs).toEqual(['get', 'list', 'watch']);
      expect(resources).not.toContain('secrets');
    }
  });
});

describe('the agent of a member in pull mode', () => {
  const agent = (props: Partial<ConstructorParameters<typeof Agent>[2]> = {}) =>
    synth((scope) => new Agent(scope, 'agent', { member: 'edge-1', ...props }));

  test('tells Karmada where it is', () => {
    const deployment = find(
      agent({ provider: 'azure', region: 'us', zones: ['us-1', 'us-2'], proxy: 'http://proxy:8888' }),
      'Deployment',
      'karmada-agent',
    );
    expect(flags(deployment)).toMatchObject({
      'cluster-name': 'edge-1',
      'cluster-provider': 'azure',
      'cluster-region': 'us',
      'cluster-zones': 'us-1,us-2',
      'proxy-server-address': 'http://proxy:8888',
      'karmada-kubeconfig': '/etc/karmada/kubeconfig/karmada-kubeconfig',
    });
    expect(flags(find(agent(), 'Deployment', 'karmada-agent'))).not.toHaveProperty('cluster-region');
  });

  test('leads its election in the namespace of the control plane, and lives in its own', () => {
    const deployment = find(agent({ namespace: 'federation' }), 'Deployment', 'karmada-agent');
    expect(deployment.metadata.namespace).toBe(AGENT_NAMESPACE);
    expect(flags(deployment)['leader-elect-resource-namespace']).toBe('federation');
  });

  test('has plain verbs only, and hands out no rights but those of the role that Karmada gives it', () => {
    const { rules } = find(agent(), 'ClusterRole', 'karmada-agent');
    const all = rules.flatMap(({ verbs }: { verbs: string[] }) => verbs);
    expect(all).not.toContain('*');
    expect(all).not.toContain('impersonate');
    const special = rules.filter(
      ({ verbs }: { verbs: string[] }) => verbs.includes('escalate') || verbs.includes('bind'),
    );
    expect(special).toEqual([
      expect.objectContaining({ resources: ['clusterroles'], resourceNames: ['karmada-impersonator'] }),
    ]);
  });

  test('keeps credentials with all rights on the member, unless they are asked for', () => {
    const report = (objects: Manifest[]) => flags(find(objects, 'Deployment', 'karmada-agent'))['report-secrets'];
    expect(report(agent())).toBe('KubeImpersonator');
    expect(report(agent({ reportCredentials: true }))).toBe('KubeCredentials,KubeImpersonator');
  });

  test('meets the restricted Pod Security Standard', () => {
    const spec = pod(find(agent(), 'Deployment', 'karmada-agent'));
    expect(spec.securityContext.runAsNonRoot).toBe(true);
    expect(spec.containers[0].securityContext.capabilities).toEqual({ drop: ['ALL'] });
  });
});

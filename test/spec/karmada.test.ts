import { describe, expect, test } from 'vitest';
import type { KarmadaControlPlaneProps } from '../../constructs/karmada/control-plane.ts';
import { InvalidFederation, parseFederation, validFederation } from '../../constructs/spec/load.ts';

/** A federation with this `karmada`, these members, and a control plane with an address. */
const federation = (karmada: object, members: object[] = [{ name: 'edge-1' }], controlPlane: object = { address }) =>
  validFederation(
    {
      apiVersion: 'serverless-federation.io/v1alpha1',
      kind: 'Federation',
      metadata: { name: 'test' },
      spec: { controlPlane: { ...controlPlane, karmada }, members },
    },
    { name: 'federation.yaml' },
  ).controlPlane.karmada;

const address = 'karmada.example.com';

const PLACE = 'spec.controlPlane.karmada.';

/** What is wrong with it, without the place that is the same for all. */
function faults(...[karmada, ...rest]: Parameters<typeof federation>): string[] {
  try {
    federation(karmada, ...rest);
  } catch (error) {
    if (!(error instanceof InvalidFederation)) throw error;
    return error.message.split('\n').map((line) => line.replace(`federation.yaml: ${PLACE}`, ''));
  }
  return [];
}

test('what the file says is what the constructs take', () => {
  // Does not compile otherwise.
  const props: KarmadaControlPlaneProps = federation({});
  expect(props.namespace).toBe('karmada-system');
});

describe('etcd', () => {
  test.each([
    [{}, { storage: { type: 'persistent', size: '10Gi' } }],
    [{ storage: '20Gi' }, { storage: { type: 'persistent', size: '20Gi' } }],
    [
      { replicas: 3, storageClass: 'fast' },
      { replicas: 3, storage: { type: 'persistent', size: '10Gi', storageClass: 'fast' } },
    ],
    [
      { hostPath: '/var/lib/etcd', nodeSelector: { 'kubernetes.io/hostname': 'cplane-1' } },
      { nodeSelector: { 'kubernetes.io/hostname': 'cplane-1' }, storage: { type: 'hostPath', path: '/var/lib/etcd' } },
    ],
    [{ memory: '512Mi' }, { storage: { type: 'memory', size: '512Mi' } }],
    [
      { external: { endpoints: ['https://10.0.0.11:2379'], secret: 'our-etcd', prefix: '/registry/edge' } },
      { external: { endpoints: ['https://10.0.0.11:2379'], secretName: 'our-etcd', prefix: '/registry/edge' } },
    ],
  ])('%j is understood', (etcd, expected) => {
    expect(federation({ etcd }).etcd).toEqual(expected);
  });

  test('with one member is warned of where the servers bear the loss of one', () => {
    const warnings = (etcd: object, servers = 3, taints: string[] = []) => {
      const lines: string[] = [];
      const hosts = [1, 2, 3].slice(0, servers).map((i) => ({
        ...{ name: `c-${i}`, publicIp: `192.0.2.${i}` },
        ...(i < 3 && { taints }),
      }));
      const file = {
        ...{ apiVersion: 'serverless-federation.io/v1alpha1', kind: 'Federation', metadata: { name: 'test' } },
        spec: { controlPlane: { address, hosts, karmada: { etcd } } },
      };
      parseFederation(JSON.stringify(file), 'f.yaml', (line) => lines.push(line));
      return lines;
    };
    for (const etcd of [{}, { memory: '1Gi' }]) {
      expect(warnings(etcd)).toEqual([
        expect.stringContaining(
          'karmada.etcd.replicas: is 1, so the Karmada API and all that joined it go with one node, though k3s has 3 servers',
        ),
      ]);
    }
    expect(warnings({}, 3, ['a:NoSchedule'])).toEqual([
      expect.stringContaining("give 3, on volumes, with 'tolerations' for the taints of hosts, or a 'storageClass'"),
    ]);
    expect(warnings({ replicas: 3 })).toEqual([]);
    expect(warnings({ storageClass: 'replicated' })).toEqual([]);
    expect(warnings({ external: { endpoints: ['https://10.0.0.11:2379'], secret: 'our-etcd' } })).toEqual([]);
    expect(warnings({}, 1)).toEqual([]);
  });

  test('whose volume nobody makes is warned of', () => {
    const warnings = (etcd: object, disable: string[]) => {
      const lines: string[] = [];
      const controlPlane = {
        address,
        hosts: [{ name: 'c', publicIp: '192.0.2.1' }],
        k3s: { disable },
        karmada: { etcd },
      };
      const file = {
        ...{ apiVersion: 'serverless-federation.io/v1alpha1', kind: 'Federation', metadata: { name: 'test' } },
        spec: { controlPlane },
      };
      parseFederation(JSON.stringify(file), 'f.yaml', (line) => lines.push(line));
      return lines;
    };
    expect(warnings({}, [])).toEqual([]);
    expect(warnings({}, ['local-storage'])).toEqual([
      expect.stringContaining(
        "karmada.etcd.storageClass: is not given, and k3s's own class is left out ('k3s.disable')",
      ),
    ]);
    expect(warnings({ storageClass: 'fast' }, ['local-storage'])).toEqual([]);
    expect(warnings({ memory: '1Gi' }, ['local-storage'])).toEqual([]);
  });

  test('that exists takes no storage and no other setting of its own', () => {
    const external = { endpoints: ['https://10.0.0.11:2379'], secret: 'our-etcd' };
    expect(faults({ etcd: { external, storage: '20Gi', replicas: 3 } })).toEqual([
      "etcd.replicas: is for an etcd of its own: leave it out, or leave out 'external'",
      "etcd.storage: is for an etcd of its own: leave it out, or leave out 'external'",
    ]);
  });

  test.each([
    [{ storage: '0Gi' }, 'etcd.storage: must be more than 0'],
    [{ replicas: 2 }, 'etcd.replicas: must be odd, for etcd keeps its quorum so: 1, 3 or 5'],
    [{ storage: '20Gi', memory: '1Gi' }, "etcd.memory: excludes others, got 'storage' and 'memory': give one of them"],
    [
      { memory: '1Gi', replicas: 3 },
      "etcd.replicas: must be 1 with 'hostPath' and 'memory': take 'storage', which follows a member to any node",
    ],
    [
      { hostPath: '/data' },
      "etcd.nodeSelector: is required: name the node of 'hostPath', such as 'kubernetes.io/hostname: cplane-1'",
    ],
    [
      { external: { endpoints: ['http://10.0.0.11:2379'], secret: 'x' } },
      "etcd.external.endpoints[0]: must be the URL of an etcd member, such as 'https://10.0.0.11:2379'",
    ],
  ])('is refused as %j', (etcd, message) => {
    expect(faults({ etcd })).toEqual([expect.stringContaining(message)]);
  });
});

describe('the service of the API server', () => {
  test.each([
    [{ type: 'NodePort', nodePort: 70000 }, 'apiserver.service.nodePort: must be a port, 1 to 65535'],
    [{ nodePort: 32443 }, "apiserver.service.nodePort: needs 'type: NodePort' or 'type: LoadBalancer'"],
    [
      { type: 'NodePort', loadBalancerSourceRanges: ['10.0.0.0/8'] },
      "apiserver.service.loadBalancerSourceRanges: needs 'type: LoadBalancer'",
    ],
  ])('is refused as %j', (service, message) => {
    expect(faults({ apiserver: { service } })).toEqual([expect.stringContaining(message)]);
  });

  test('has a port of those that the nodes of its cluster give to Services', () => {
    const of = (nodePort: number, range?: string) =>
      faults({ apiserver: { service: { type: 'NodePort', nodePort } } }, [], {
        hosts: [{ name: 'c', publicIp: '192.0.2.1' }],
        ...(range && { k3s: { server: { 'service-node-port-range': range } } }),
      });
    const fault = (range: string) =>
      `apiserver.service.nodePort: must be one of ${range}, the ports that nodes of the central cluster give to Services`;
    expect(of(32443)).toEqual([]);
    expect(of(8443)).toEqual([fault('30000-32767')]);
    expect(of(8443, '8000+1000')).toEqual([]);
    expect(of(32443, '8000-9000')).toEqual([fault('8000-9000')]);
  });

  test('must be reachable for a member in pull mode', () => {
    const members = [{ name: 'edge-1', registration: 'pull' }];
    expect(faults({}, members)).toEqual([
      "apiserver.service.type: is ClusterIP, so that the agent of 'edge-1' ('registration: pull') cannot reach the Karmada API: take NodePort or LoadBalancer",
    ]);
    expect(faults({ apiserver: { service: { type: 'NodePort', nodePort: 32443 } } }, members)).toEqual([]);
    expect(faults({ apiserver: { service: { type: 'LoadBalancer' } } }, members)).toEqual([]);
  });

  test('on a port of the nodes that nobody has chosen is warned of', () => {
    const told: string[] = [];
    const file = (nodePort?: number) => ({
      ...{ apiVersion: 'serverless-federation.io/v1alpha1', kind: 'Federation', metadata: { name: 'test' } },
      spec: { controlPlane: { address, karmada: { apiserver: { service: { type: 'NodePort', nodePort } } } } },
    });
    for (const port of [undefined, 32443]) {
      parseFederation(JSON.stringify(file(port)), 'f.yaml', (line) => told.push(line));
    }
    expect(told).toEqual([
      expect.stringMatching(/apiserver\.service\.nodePort: is not given, .*: take one of 30000 to 32767$/),
    ]);
  });

  test('must have a port and an address that such a member can be told', () => {
    const members = [{ name: 'edge-1', registration: 'pull' }];
    const agent = "the agent of 'edge-1' ('registration: pull')";
    expect(faults({ apiserver: { service: { type: 'NodePort' } } }, members)).toEqual([
      `apiserver.service.nodePort: is required: ${agent} must know the port of the Karmada API. Take one of 30000 to 32767`,
    ]);
    const service = { type: 'LoadBalancer' };
    expect(faults({ apiserver: { service } }, members, {})).toEqual([
      `federation.yaml: spec.controlPlane.address: is required: ${agent} needs a name or an address at which it reaches the Karmada API`,
    ]);
    const hosts = [{ name: 'central-1', publicIp: '203.0.113.1' }];
    expect(faults({ apiserver: { service } }, members, { hosts })).toEqual([]);
  });
});

test.each([
  [
    { secretNames: { ca: 'ours' } },
    "secretNames: needs 'source: existing': Secrets that are made here have names of their own",
  ],
  [{ days: 400, caDays: 400 }, "days: must be fewer than 'caDays', which is 400: no certificate outlasts its CA"],
])('certificates are refused as %j', (certificates, message) => {
  expect(faults({ certificates })).toEqual([`certificates.${message}`]);
});

describe('an estimator', () => {
  test('is for a member of the federation', () => {
    expect(faults({ schedulerEstimator: { members: [{ name: 'edge1' }] } })).toEqual([
      "schedulerEstimator.members[0].name: names 'edge1', which is no member of the federation, did you mean 'edge-1'?",
    ]);
  });

  test('is one per member', () => {
    expect(faults({ schedulerEstimator: { members: [{ name: 'edge-1' }, { name: 'edge-1' }] } })).toEqual([
      "schedulerEstimator.members[1].name: names 'edge-1' again, leave it out: a member has one estimator",
    ]);
  });

  test('has a Service, which leaves a member 35 characters', () => {
    const estimatorFor = (name: string) => faults({ schedulerEstimator: { members: [{ name }] } }, [{ name }]);
    expect(estimatorFor('e'.repeat(35))).toEqual([]);
    expect(estimatorFor('e'.repeat(36))).toEqual([
      `schedulerEstimator.members[0].name: names '${'e'.repeat(36)}', too long for the Service of an estimator: give it at most 35 characters`,
    ]);
  });

  test('is found by its member', () => {
    expect(faults({ schedulerEstimator: { members: [{ name: 'edge-1' }], podLabels: { cluster: 'x' } } })).toEqual([
      'schedulerEstimator.podLabels.cluster: is how the workload finds its pods, leave it out',
    ]);
  });

  test('is there for a descheduler', () => {
    expect(faults({ descheduler: {} })).toEqual([
      "descheduler: acts on what estimators tell: give 'schedulerEstimator', too, or leave this out",
    ]);
  });
});

describe('an agent', () => {
  const service = { type: 'NodePort', nodePort: 32443 };
  const members = [{ name: 'far', registration: 'pull' }, { name: 'near' }];

  test('is told what holds for its member', () => {
    const far = { name: 'far', apiEndpoint: 'https://10.20.0.1:6443', proxy: 'http://10.0.0.1:3128' };
    const { agent } = federation({ apiserver: { service }, agent: { replicas: 2, members: [far] } }, members);
    expect(agent).toMatchObject({ replicas: 2, members: [far] });
  });

  test('is told nothing that serves a member only that is reached', () => {
    const far = { name: 'far', proxy: 'http://10.0.0.1:3128', reportCredentials: true };
    expect(faults({ apiserver: { service }, agent: { members: [far] } }, members)).toEqual([
      "agent.members[0].proxy: needs 'apiEndpoint', where the control plane reaches the member",
      "agent.members[0].reportCredentials: needs 'apiEndpoint', where the control plane reaches the member",
    ]);
  });

  test('is that of a member in pull mode', () => {
    const named = [{ name: 'near' }, { name: 'fars' }, { name: 'far' }, { name: 'far' }];
    expect(faults({ apiserver: { service }, agent: { members: named } }, members)).toEqual([
      "agent.members[0].name: names 'near', which has no agent: give it 'registration: pull', or leave this out",
      "agent.members[1].name: names 'fars', which is no member of the federation, did you mean 'far'?",
      "agent.members[3].name: names 'far' again, leave it out: a member has one agent",
    ]);
  });
});

describe('feature gates', () => {
  test('are those of the release', () => {
    const wrong = { featureGates: { MultiClusterServices: true }, scheduler: { featureGates: { Made: true } } };
    expect(faults(wrong)).toEqual([
      "featureGates.MultiClusterServices: is no feature gate of Karmada v1.18.2, did you mean 'MultiClusterService'?",
      'scheduler.featureGates.Made: is no feature gate of Karmada v1.18.2',
    ]);
    expect(faults({ ...wrong, version: 'v1.19.0' })).toEqual([]);
    // Kubernetes has its own.
    const ofKubernetes = { featureGates: { WatchList: true } };
    expect(faults({ apiserver: ofKubernetes, aggregatedApiserver: ofKubernetes })).toEqual([]);
    expect(faults({ featureGates: { AllBeta: true } })).toEqual([]);
  });

  test('do not turn off what failover needs', () => {
    const message = "featureGates.Failover: is off, but 'failover' needs it: leave one of them out";
    const featureGates = { Failover: false };
    expect(faults({ failover: true, featureGates })).toEqual([message]);
    expect(faults({ failover: true, controllerManager: { featureGates } })).toEqual([`controllerManager.${message}`]);
    expect(faults({ featureGates })).toEqual([]);
  });
});

describe('a disruption budget', () => {
  const message = (replicas: number) =>
    `podDisruptionBudget: would keep all ${replicas} replicas, so that no node of theirs could be drained: let one be away, or give more 'replicas'`;

  test.each([
    ['scheduler', { replicas: 2, podDisruptionBudget: { minAvailable: 2 } }, 2],
    ['search', { podDisruptionBudget: { minAvailable: '51%' } }, 2],
    ['etcd', { replicas: 3, podDisruptionBudget: { maxUnavailable: 0 } }, 3],
    [
      'schedulerEstimator',
      { podDisruptionBudget: { maxUnavailable: '0%' }, members: [{ name: 'edge-1', replicas: 3 }] },
      3,
    ],
  ])('of %s lets nodes be drained, unlike that of %j', (component, settings, replicas) => {
    expect(faults({ [component]: settings })).toEqual([`${component}.${message(replicas)}`]);
  });

  test('may keep all but one, and says nothing of a single replica', () => {
    const podDisruptionBudget = { minAvailable: 2 };
    expect(faults({ scheduler: { replicas: 3, podDisruptionBudget }, webhook: { podDisruptionBudget } })).toEqual([]);
    expect(faults({ search: { podDisruptionBudget: { maxUnavailable: '1%' } } })).toEqual([]);
  });
});

describe('what every component takes', () => {
  test('is checked to the last field of an affinity', () => {
    const affinity = {
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          { weight: 1, podAffinityTerm: { topologyKey: 'zone', labelSelektor: {} } },
        ],
      },
    };
    expect(faults({ scheduler: { affinity } })).toEqual([
      'scheduler.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.labelSelektor: ' +
        "unknown field, did you mean 'labelSelector'?",
    ]);
  });

  test.each([
    [{ tolerations: [{ operator: 'Equal', value: 'x' }] }, "tolerations[0].operator: must be 'Exists' without a 'key'"],
    [{ extraArgs: { '--v': 4 } }, 'extraArgs["--v"]: its key must be a flag without dashes before it, such as \'v\''],
    [
      { extraArgs: { 'feature-gates': 'A=true' } },
      "extraArgs: must not hold 'feature-gates', give them as 'featureGates'",
    ],
    [
      { podDisruptionBudget: { minAvailable: 1, maxUnavailable: '50%' } },
      "podDisruptionBudget: must have 'minAvailable' or 'maxUnavailable', not both",
    ],
    [{ podLabels: { app: 'x' } }, 'podLabels.app: is how the workload finds its pods, leave it out'],
    [{ image: 'example.com/scheduler' }, "image: must name a fixed tag or a digest, such as ':v1'"],
    [
      {
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [{ matchExpressions: [{ key: 'disk', operator: 'In' }] }],
            },
          },
        },
      },
      'affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].values: must not be empty with the operator In',
    ],
  ])('is refused as %j', (scheduler, message) => {
    expect(faults({ scheduler })).toEqual([expect.stringContaining(`scheduler.${message}`)]);
  });
});

test.each(['default', 'kube-system', 'karmada-cluster', 'karmada-es-edge'])(
  'the namespace %s is others’, and refused',
  (namespace) => {
    expect(faults({ namespace })).toEqual(["namespace: must be a namespace of its own, such as 'karmada-system'"]);
    expect(faults({ namespace: `our-${namespace}` })).toEqual([]);
  },
);

test('a later minor than the one that the manifests are made for is warned of', () => {
  const warnings = (version: string) => {
    const lines: string[] = [];
    const file = {
      ...{ apiVersion: 'serverless-federation.io/v1alpha1', kind: 'Federation', metadata: { name: 'test' } },
      spec: { controlPlane: { karmada: { version, crds: { sha256: 'a'.repeat(64) } } } },
    };
    parseFederation(JSON.stringify(file), 'f.yaml', (line) => lines.push(line));
    return lines;
  };
  expect(warnings('v1.18.9')).toEqual([]);
  for (const version of ['v1.19.0', 'v1.20.1', 'v2.0.0']) {
    expect(warnings(version)).toEqual([
      expect.stringContaining(
        `warning: spec.controlPlane.karmada.version: is ${version}, but the manifests and the plan are made for v1.18`,
      ),
    ]);
  }
});

test('a release whose flags are others is refused', () => {
  expect(faults({ version: 'v1.6.0' })).toEqual([
    'version: must be v1.18.0 or newer, whose flags and objects are used here',
  ]);
  expect(faults({ version: 'v1.19.2' })).toEqual([]);
});

test('the DNS domain is that of the central cluster', () => {
  const of = (clusterDomain: string | undefined, domain?: string) =>
    faults({ clusterDomain }, [], {
      hosts: [{ name: 'c', publicIp: '192.0.2.1' }],
      ...(domain && { k3s: { server: { 'cluster-domain': domain } } }),
    });
  const fault = (domain: string) =>
    expect.stringContaining(`clusterDomain: must be '${domain}', the 'cluster-domain' of`);
  expect(of(undefined)).toEqual([]);
  expect(of('edge.local', 'edge.local')).toEqual([]);
  expect(of('edge.local')).toEqual([fault('cluster.local')]);
  expect(of(undefined, 'edge.local')).toEqual([fault('edge.local')]);
  expect(faults({ clusterDomain: 'edge.local' })).toEqual([]);
});

test('Services in the Karmada API need some addresses', () => {
  const of = (serviceCidr: string) => faults({ apiserver: { serviceCidr } });
  expect(of('10.96.0.0/29')).toEqual([]);
  expect(of('10.96.0.0/30')).toEqual([
    "apiserver.serviceCidr: '10.96.0.0/30' has fewer than the 8 addresses that Kubernetes needs: give one of /29 or wider",
  ]);
});

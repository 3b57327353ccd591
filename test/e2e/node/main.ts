/**
 * A node of the end-to-end test: what kubelet, a container runtime, kube-proxy and a DNS server do together, with
 * processes of this machine instead of images. Pods, their volumes, environment, security context, probes and restarts
 * are the manifests'; the contents of images, and the kernel's isolation beyond namespaces, are not proven by it.
 *
 * Environment: NODE_NAME, NODE_KUBECONFIG, NODE_INDEX (a number from 1 to 254 that no other node has: addresses of pods
 * follow from it), NODE_API_ADDRESS (address of the API server, and of the node), E2E_BIN, E2E_RUN.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Api, ApiError, type Obj } from '../harness/api.ts';
import { runFolder } from '../harness/process.ts';
import { sleep } from '../harness/wait.ts';
import { RunningPod, type Surroundings } from './pod.ts';
import { Services } from './services.ts';

const name = process.env.NODE_NAME!;
const index = Number(process.env.NODE_INDEX);
const nodeAddress = process.env.NODE_API_ADDRESS!;
const api = new Api(process.env.NODE_KUBECONFIG!);
const services = new Services(api, nodeAddress, nodeAddress);

/** Names from outside of the cluster, which the internet's DNS would know; the harness writes them. */
const outside = () => readFileSync(join(runFolder, 'hosts'), 'utf8');

let pods = 1;
const around: Surroundings = {
  api,
  node: name,
  nodeAddress,
  newAddress: () => {
    pods++;
    return `172.30.${index}.${pods}`;
  },
  serviceEnvironment: (namespace) => services.environment(namespace),
  names: () => names,
};
let names = '';
const running = new Map<string, RunningPod>();
/** Versions of Secrets and ConfigMaps, by namespace and then `secrets/NAME` or `configmaps/NAME`. */
let versions = new Map<string, Map<string, string>>();
let refreshed = 0;

// Containers outlive this process, unlike the sandbox, which other tests may still want to itself.
process.on('SIGTERM', async () => {
  await Promise.all([...running.values()].map((pod) => pod.stop()));
  process.exit(0);
});

await register();
for (;;) {
  try {
    await services.refresh();
    const now = services.names() + outside();
    if (now !== names) {
      names = now;
      for (const pod of running.values()) pod.writeHosts();
    }
    await provideDisks();
    await lookAtPods();
    await refreshVolumes();
  } catch (error) {
    console.error(error);
  }
  await sleep(300);
}

async function register(): Promise<void> {
  const resources = { cpu: '64', memory: '256Gi', pods: '110', 'ephemeral-storage': '1Ti' };
  const conditions = [
    { type: 'Ready', status: 'True', reason: 'ProcessesReady', lastHeartbeatTime: new Date().toISOString() },
  ];
  const labels = { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64' };
  await api.create('/api/v1/nodes', {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { ...labels, 'node-role.kubernetes.io/control-plane': 'true' } },
  });
  // Admission marks every new node as not ready; here is no node lifecycle controller to take that away again.
  await api.merge(`/api/v1/nodes/${name}`, { spec: { taints: null } });
  await api.merge(`/api/v1/nodes/${name}/status`, {
    status: {
      capacity: resources,
      allocatable: resources,
      conditions,
      addresses: [{ type: 'InternalIP', address: nodeAddress }],
    },
  });
}

async function lookAtPods(): Promise<void> {
  const wanted = await api.list(`/api/v1/pods?fieldSelector=spec.nodeName%3D${name}`);
  const present = new Set<string>();
  for (const pod of wanted) {
    const { uid, deletionTimestamp } = pod.metadata;
    present.add(uid);
    if (deletionTimestamp) {
      await running.get(uid)?.stop();
      running.delete(uid);
      await remove(pod);
    } else if (!running.has(uid) && !['Succeeded', 'Failed'].includes(pod.status.phase)) {
      const started = new RunningPod(around, pod);
      running.set(uid, started);
      void started.run();
    }
  }
  for (const [uid, pod] of running) {
    if (present.has(uid)) continue;
    await pod.stop();
    running.delete(uid);
  }
}

/** Brings volumes up to date with the objects that they show; kubelet takes a minute or so for that. */
async function refreshVolumes(): Promise<void> {
  if (Date.now() - refreshed < 2000) return;
  const now = new Map<string, Map<string, string>>();
  for (const kind of ['secrets', 'configmaps']) {
    for (const { metadata } of await api.list(`/api/v1/${kind}`)) {
      const { namespace, name: object, resourceVersion } = metadata;
      if (!now.has(namespace)) now.set(namespace, new Map());
      now.get(namespace)?.set(`${kind}/${object}`, resourceVersion);
    }
  }
  for (const pod of running.values()) {
    const before = versions.get(pod.namespace) ?? new Map();
    const objects = [...(now.get(pod.namespace) ?? [])];
    const changed = objects.filter(([object, version]) => before.has(object) && before.get(object) !== version);
    if (changed.length > 0) await pod.refresh(new Set(changed.map(([object]) => object)));
  }
  versions = now;
  refreshed = Date.now();
}

async function remove(pod: Obj): Promise<void> {
  const { namespace, name: podName, uid } = pod.metadata;
  try {
    const options = { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: 0, preconditions: { uid } };
    await api.delete(`/api/v1/namespaces/${namespace}/pods/${podName}`, options);
  } catch (error) {
    if (!(error instanceof ApiError && error.code === 404)) throw error;
  }
}

/** Gives each claim that waits a volume of its own, as k3s's local-path provisioner would. */
async function provideDisks(): Promise<void> {
  for (const claim of await api.list('/api/v1/persistentvolumeclaims')) {
    if (claim.status.phase !== 'Pending') continue;
    const { namespace, name: claimName, uid } = claim.metadata;
    const volume = `pvc-${uid}`;
    if (await api.find(`/api/v1/persistentvolumes/${volume}`)) continue;
    const { accessModes, resources, storageClassName = '' } = claim.spec;
    await api.create('/api/v1/persistentvolumes', {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: volume },
      spec: {
        ...{ accessModes, storageClassName, capacity: resources.requests, hostPath: { path: `/claims/${volume}` } },
        claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name: claimName, uid },
      },
    });
  }
}

/**
 * What a k3s cluster has besides its nodes: kube-proxy, names for the DNS server, and a provisioner that gives each claim
 * a folder of the node, as the local-path provisioner does.
 *
 * Environment: NODE_KUBECONFIG, NODE_NAME, NODE_ADDRESS, NODE_NAMES (file for the DNS server), E2E_RUN.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Api } from '../harness/api.ts';
import { runFolder } from '../harness/process.ts';
import { sleep } from '../harness/wait.ts';
import { Services } from '../node/services.ts';

const node = process.env.NODE_NAME!;
const address = process.env.NODE_ADDRESS!;
const api = new Api(process.env.NODE_KUBECONFIG!);
const services = new Services(api, address, address);

/** Names from outside of the cluster, which the internet's DNS would know; the harness writes them. */
const outside = () => readFileSync(join(runFolder, 'hosts'), 'utf8');

const PROVISIONER = 'rancher.io/local-path';
let names = '';

await api.create('/apis/storage.k8s.io/v1/storageclasses', {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'local-path', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
  provisioner: PROVISIONER,
  volumeBindingMode: 'WaitForFirstConsumer',
  reclaimPolicy: 'Delete',
});
for (;;) {
  try {
    await services.refresh();
    const now = services.names() + outside();
    if (now !== names) {
      names = now;
      writeFileSync(process.env.NODE_NAMES!, names);
    }
    await provideDisks();
  } catch (error) {
    console.error(error);
  }
  await sleep(300);
}

/** Gives each claim whose pod has been given a node a folder there. */
async function provideDisks(): Promise<void> {
  for (const claim of await api.list('/api/v1/persistentvolumeclaims')) {
    const { namespace, name, uid, annotations = {} } = claim.metadata;
    if (claim.status.phase !== 'Pending' || annotations['volume.kubernetes.io/selected-node'] !== node) continue;
    const volume = `pvc-${uid}`;
    if (await api.find(`/api/v1/persistentvolumes/${volume}`)) continue;
    const path = join(runFolder, 'kubelet', 'disks', volume);
    mkdirSync(path, { recursive: true });
    const here = { key: 'kubernetes.io/hostname', operator: 'In', values: [node] };
    const { accessModes, resources, storageClassName } = claim.spec;
    await api.create('/api/v1/persistentvolumes', {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: volume, annotations: { 'pv.kubernetes.io/provisioned-by': PROVISIONER } },
      spec: {
        ...{ accessModes, storageClassName, capacity: resources.requests, local: { path } },
        nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [here] }] } },
        claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid },
      },
    });
  }
}

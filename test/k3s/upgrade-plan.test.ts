import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Testing } from 'cdk8s';
import { describe, expect, onTestFinished, test } from 'vitest';
import { SystemUpgradeController } from '../../constructs/k3s/system-upgrade-controller.ts';
import { UpgradePlans, type UpgradePlansProps } from '../../constructs/k3s/upgrade-plan.ts';
import { SYSTEM_UPGRADE_CONTROLLER_VERSION } from '../../constructs/versions.ts';
import { testChart } from '../chart.ts';

// biome-ignore lint/suspicious/noExplicitAny: objects as an API server would get them
function plans(props: Partial<UpgradePlansProps> = {}): any[] {
  const chart = testChart();
  new UpgradePlans(chart, 'plans', { version: 'v1.35.6+k3s1', ...props });
  return Testing.synth(chart);
}

// biome-ignore lint/suspicious/noExplicitAny: objects as an API server would get them
function controller(registry?: string): any[] {
  const chart = testChart();
  new SystemUpgradeController(chart, 'controller', { k3sVersion: 'v1.35.6+k3s1', registry });
  return Testing.synth(chart);
}

const find = (objects: ReturnType<typeof plans>, kind: string, name: string) =>
  objects.find((object) => object.kind === kind && object.metadata.name.startsWith(name));

describe('the plans', () => {
  test('bring servers to the version one by one', () => {
    expect(plans()[0]).toMatchObject({
      apiVersion: 'upgrade.cattle.io/v1',
      kind: 'Plan',
      metadata: { name: 'k3s-server', namespace: 'system-upgrade' },
      spec: {
        version: 'v1.35.6+k3s1',
        concurrency: 1,
        cordon: true,
        nodeSelector: { matchExpressions: [{ key: 'node-role.kubernetes.io/control-plane', operator: 'Exists' }] },
        upgrade: { image: 'docker.io/rancher/k3s-upgrade:v1.35.6-k3s1' },
      },
    });
    expect(plans()[0].spec).not.toHaveProperty('drain');
  });

  test('let agents wait for the servers', () => {
    const [servers, agents] = plans({ concurrency: 3 });
    expect(agents.spec).toMatchObject({
      concurrency: 3,
      nodeSelector: { matchExpressions: [{ key: 'node-role.kubernetes.io/control-plane', operator: 'DoesNotExist' }] },
      prepare: {
        image: servers.spec.upgrade.image,
        args: ['prepare', 'v1.35.6+k3s1', servers.metadata.name],
      },
      drain: { force: true },
    });
    expect(servers.spec.prepare.args).toEqual(['prepare', 'v1.35.6+k3s1']);
  });

  /** What the first step of a node's Job does where the node runs that release. */
  function prepare(running: string, wanted: string, role: 'server' | 'agent' = 'server') {
    const folder = mkdtempSync(join(tmpdir(), 'prepare-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const program = (name: string, text: string) => writeFileSync(join(folder, name), text, { mode: 0o755 });
    program('k3s', `#!/bin/sh\n[ "$*" = "kubectl get node n1 -o $JSONPATH" ] && printf %s '${running}'\n`);
    program('upgrade.sh', '#!/bin/sh\necho "$@"\n');
    const { command, args } = plans({ version: wanted })[role === 'server' ? 0 : 1].spec.prepare;
    return spawnSync(command[0], [...command.slice(1), ...args], {
      encoding: 'utf8',
      env: {
        PATH: `${folder}:${process.env.PATH}`,
        SYSTEM_UPGRADE_NODE_NAME: 'n1',
        JSONPATH: 'jsonpath={.status.nodeInfo.kubeletVersion}',
      },
    });
  }

  test.each([
    ['v1.34.9+k3s1', 'v1.35.6+k3s1'],
    ['v1.35.6-rc10+k3s1', 'v1.35.6+k3s1'],
    ['v1.35.6-rc2+k3s1', 'v1.35.6-rc10+k3s1'],
    ['v1.35.6+k3s1', 'v1.35.6+k3s1'],
  ])('let a node go from %s to %s', (running, wanted) => {
    expect(prepare(running, wanted)).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(prepare(running, wanted, 'agent')).toMatchObject({ status: 0, stdout: 'prepare k3s-server\n' });
  });

  test.each([
    ['v1.33.5+k3s1', 'v1.35.6+k3s1', "one minor at a time: set 'version' to a release of v1.34 first"],
    ['v1.35.6+k3s1', 'v1.35.6-rc1+k3s1', 'and k3s cannot go back to v1.35.6-rc1+k3s1'],
    ['v1.35.6+k3s2', 'v1.35.6+k3s1', 'and k3s cannot go back to v1.35.6+k3s1'],
    ['v1.35.6-rc1+k3s2', 'v1.35.6-rc1+k3s1', 'and k3s cannot go back to v1.35.6-rc1+k3s1'],
  ])('refuse to take a node from %s to %s, before it is cordoned', (running, wanted, why) => {
    for (const role of ['server', 'agent'] as const) {
      const { status, stdout, stderr } = prepare(running, wanted, role);
      expect(status).toBe(1);
      expect(stdout).toBe('');
      expect(stderr).toMatch(/^error: the node n1 runs k3s v1\./);
      expect(stderr).toContain(why);
    }
  });

  test('leave a node alone whose release cannot be read', () => {
    expect(prepare('', 'v1.35.6+k3s1', 'agent')).toMatchObject({
      status: 1,
      stderr: 'error: the node n1 says no release of its kubelet\n',
    });
  });

  test('only cordon agents where draining is not wanted', () => {
    const [, agents] = plans({ drain: false });
    expect(agents.spec).not.toHaveProperty('drain');
    expect(agents.spec.cordon).toBe(true);
  });

  test('reach nodes whatever their taints', () => {
    for (const { spec } of plans()) expect(spec.tolerations).toEqual([{ operator: 'Exists' }]);
  });

  test('pull through a mirror', () => {
    for (const { spec } of plans({ registry: 'mirror.example.com' })) {
      expect(spec.upgrade.image).toBe('mirror.example.com/rancher/k3s-upgrade:v1.35.6-k3s1');
    }
  });

  test('run their Jobs under an account that the controller brings, in its namespace', () => {
    for (const { spec, metadata } of plans()) {
      const account = find(controller(), 'ServiceAccount', spec.serviceAccountName);
      expect(account.metadata.namespace).toBe(metadata.namespace);
    }
  });
});

describe('the controller', () => {
  const pod = (registry?: string) =>
    find(controller(registry), 'Deployment', 'system-upgrade-controller').spec.template.spec;

  test('runs at its pinned version, restricted, and cordons with the kubectl of the Kubernetes release', () => {
    expect(pod()).toMatchObject({
      securityContext: { runAsNonRoot: true },
      containers: [
        {
          image: `docker.io/rancher/system-upgrade-controller:${SYSTEM_UPGRADE_CONTROLLER_VERSION}`,
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
    });
    const image = { name: 'SYSTEM_UPGRADE_JOB_KUBECTL_IMAGE', value: 'registry.k8s.io/kubectl:v1.35.6' };
    expect(pod().containers[0].env).toContainEqual(image);
  });

  test('pulls all through a mirror', () => {
    const images = [
      pod('mirror.example.com').containers[0].image,
      find(controller('mirror.example.com'), 'Job', 'wait-for-plans').spec.template.spec.containers[0].image,
      pod('mirror.example.com').containers[0].env.find(
        ({ name }: { name: string }) => name === 'SYSTEM_UPGRADE_JOB_KUBECTL_IMAGE',
      ).value,
    ];
    for (const image of images) expect(image).toMatch(/^mirror\.example\.com\//);
  });

  test('may change no definition of a kind but its own, and the Jobs on nodes none at all', () => {
    const definitions = (name: string) =>
      find(controller(), 'ClusterRole', `system-upgrade-${name}`).rules.filter(
        ({ resources }: { resources: string[] }) => resources.includes('customresourcedefinitions'),
      );
    expect(definitions('system-upgrade-controller')).toEqual([
      expect.objectContaining({ verbs: ['get', 'list', 'watch', 'create'] }),
      expect.objectContaining({ resourceNames: ['plans.upgrade.cattle.io'], verbs: ['patch', 'update'] }),
    ]);
    expect(definitions('k3s-upgrade')).toEqual([]);
  });

  test('is in a namespace that lets the upgrades hold the file system of a node', () => {
    expect(find(controller(), 'Namespace', 'system-upgrade').metadata.labels).toEqual({
      'pod-security.kubernetes.io/enforce': 'privileged',
    });
  });

  test('gives every account what its bindings name, and every binding a role that exists', () => {
    const objects = controller();
    for (const { roleRef, subjects, metadata } of objects.filter(({ kind }) => kind.endsWith('Binding'))) {
      expect(objects.some(({ kind, metadata }) => kind === roleRef.kind && metadata.name === roleRef.name)).toBe(true);
      expect(find(objects, 'ServiceAccount', subjects[0].name).metadata.name, metadata.name).toBe(subjects[0].name);
    }
  });
});

import { describe, expect, test } from 'vitest';
import type { KarmadaControlPlaneProps } from '../../constructs/karmada/control-plane.ts';
import { controlPlane, externalEtcd } from './control-planes.ts';
import { find, flags, pod } from './objects.ts';

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

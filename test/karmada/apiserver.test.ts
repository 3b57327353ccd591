import { describe, expect, test } from 'vitest';
import type { KarmadaControlPlaneProps } from '../../constructs/karmada/control-plane.ts';
import { controlPlane } from './control-planes.ts';
import { find, flags, pod } from './objects.ts';

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
    [{ type: 'NodePort', nodePort: 70000 }, "'nodePort' of the apiserver's service must be 1 to 65535, got 70000"],
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

import { describe, expect, test } from 'vitest';
import { AGENT_NAMESPACE, Agent, agentAccess } from '../../constructs/karmada/agent.ts';
import { find, flags, type Manifest, pod, synth } from './objects.ts';

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

  test('renews its own certificate, in the Secret that its kubeconfig comes from', () => {
    const deployment = find(agent({ namespace: 'federation' }), 'Deployment', 'karmada-agent');
    expect(flags(deployment)).toMatchObject({
      controllers: '*,certRotation',
      'karmada-kubeconfig-namespace': AGENT_NAMESPACE,
    });
    // Karmada's controller knows the Secret by this name, and its key by the same.
    expect(pod(deployment).volumes).toContainEqual(
      expect.objectContaining({ secret: expect.objectContaining({ secretName: 'karmada-kubeconfig' }) }),
    );
    const rules = agentAccess('edge-1').flatMap(
      ({ rules = [] }) => rules as { resources: string[]; verbs: string[] }[],
    );
    expect(rules.find(({ resources }) => resources.includes('certificatesigningrequests'))?.verbs).toEqual([
      'get',
      'create',
    ]);
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

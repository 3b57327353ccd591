import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import { describeWith, type Outcome, Place } from './run.ts';

interface ClusterSecret {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly labels: Record<string, string> };
  readonly stringData: { readonly name: string; readonly server: string; readonly config: string };
}

function applied({ calls }: Outcome): ClusterSecret[] {
  return calls
    .filter((call) => call.includes('/argocd.kubeconfig apply '))
    .map((call) => load(call.replace(/.*\n/, '').replace(/^ {4}/gm, '')) as ClusterSecret);
}

/** A kubeconfig with a client certificate, in a folder of its own making. */
const WITH_CERTIFICATE = `apiVersion: v1
kind: Config
clusters: [{ name: c, cluster: { server: "https://10.0.0.1:6443", certificate-authority-data: Y2E= } }]
users: [{ name: u, user: { client-certificate-data: Y3J0, client-key-data: a2V5 } }]
contexts: [{ name: x, context: { cluster: c, user: u } }]
current-context: x
`;

describeWith(['bash', 'kubectl'], 'argocd-clusters.sh', () => {
  test('makes a cluster Secret for each cluster that an Application names, under the name that it uses', () => {
    const outcome = new Place().run('argocd-clusters.sh');
    expect(outcome.stderr).toContain("Argo CD knows 'host' as 'central'");
    expect(outcome.status).toBe(0);
    const secrets = applied(outcome);
    expect(secrets.map(({ metadata }) => metadata.name)).toEqual(['cluster-azure', 'cluster-central']);
    for (const { metadata } of secrets) {
      expect(metadata).toMatchObject({ namespace: 'argocd', labels: { 'argocd.argoproj.io/secret-type': 'cluster' } });
    }
    expect(secrets[1]?.stringData).toMatchObject({ name: 'central', server: 'https://host.example.com:6443' });
    expect(JSON.parse(secrets[1]?.stringData.config ?? '')).toEqual({
      bearerToken: 'token-of-host',
      tlsClientConfig: { caData: Buffer.from('ca of host').toString('base64'), insecure: false },
    });
  });

  test('writes a name as text that YAML would read as a number', () => {
    const application = `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: { name: fixture-host, namespace: argocd }
spec: { source: { path: dist/host }, destination: { name: '1e3', namespace: karmada-system } }
`;
    const place = new Place({ manifests: { 'argocd/applications/10-host.yaml': application } });
    const [secret] = applied(place.run('argocd-clusters.sh', 'host'));
    expect(secret?.stringData.name).toBe('1e3');
  });

  test('takes a client certificate', () => {
    const place = new Place();
    place.write('kube/cloud.kubeconfig', WITH_CERTIFICATE);
    const [secret] = applied(place.run('argocd-clusters.sh', 'cloud'));
    expect(JSON.parse(secret?.stringData.config ?? '')).toEqual({
      tlsClientConfig: { certData: 'Y3J0', keyData: 'a2V5', caData: 'Y2E=', insecure: false },
    });
  });

  test('puts no credentials on a command line or into its messages', () => {
    const { calls, stdout, stderr } = new Place().run('argocd-clusters.sh');
    for (const text of [stdout, stderr, ...calls.map((call) => call.split('\n')[0])]) {
      expect(text).not.toContain('token-of');
    }
  });

  test('refuses a kubeconfig that Argo CD could not use', () => {
    const place = new Place();
    place.write(
      'kube/cloud.kubeconfig',
      WITH_CERTIFICATE.replace(
        /user: { .* } }\]/,
        'user: { exec: { command: login, apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never } } }]',
      ),
    );
    const { status, stderr, calls } = place.run('argocd-clusters.sh', 'cloud');
    expect(status).toBe(1);
    expect(stderr).toContain("the kubeconfig of 'cloud' holds neither a token nor a client certificate");
    expect(calls).toEqual([expect.stringContaining(' get --raw /readyz')]);
  });

  test.each(['https://127.0.0.1:5443', 'https://localhost:6443', 'https://[::1]:6443'])(
    'refuses the server %s, where Argo CD would find itself',
    (server) => {
      const place = new Place();
      place.write('kube/cloud.kubeconfig', WITH_CERTIFICATE.replace('https://10.0.0.1:6443', server));
      const outcome = place.run('argocd-clusters.sh', 'cloud');
      expect(outcome.status).toBe(1);
      expect(outcome.stderr).toContain(`is ${server}, which is where Argo CD itself runs`);
      expect(applied(outcome)).toEqual([]);
    },
  );

  test('refuses a cluster that no Application is for', () => {
    const { status, stderr } = new Place().run('argocd-clusters.sh', 'edge');
    expect(status).toBe(2);
    expect(stderr).toContain("no Application is for a cluster 'edge'");
  });

  test('makes nothing in a dry run', () => {
    const { status, stdout, calls } = new Place({ kubeconfigs: [] }).run('argocd-clusters.sh', '--dry-run');
    expect(status).toBe(0);
    expect(calls).toEqual([]);
    expect(stdout).toContain('# makes Secret argocd/cluster-central on argocd');
  });
});

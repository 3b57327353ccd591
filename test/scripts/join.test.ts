import { expect, test } from 'vitest';
import { describeWith, kubeconfig, Place } from './run.ts';

const JOIN = 'kubectl-karmada join cloud';

/** Answers of a Karmada that does not know the member, until it is joined. */
const UNKNOWN = `case $1 in
  *' get clusters.cluster.karmada.io cloud --ignore-not-found '*) [[ ! -e $STATE/joined ]] || echo Push id-1 ;;
  'kubectl-karmada join '*) touch "$STATE/joined" ;;
esac`;

/** Answers of a Karmada that has the member \`cloud\` joined, with these Secrets. */
function joined({ mode = 'Push', id = 'id-1', token = 'dG9rZW4=', owner = 'uid-1' } = {}): string {
  return `case $1 in
    *' get clusters.cluster.karmada.io cloud --ignore-not-found '*) echo '${mode} ${id}' ;;
    *' get clusters.cluster.karmada.io cloud -o jsonpath={.metadata.uid}') echo uid-1 ;;
    *'/cloud.kubeconfig get namespace kube-system '*) echo id-1 ;;
    *'/cloud.kubeconfig get secret karmada-'*ca.crt*) echo Y2E= ;;
    *'/cloud.kubeconfig get secret karmada-'*) echo dG9rZW4= ;;
    *'/karmada.kubeconfig get secret '*ownerReferences*) echo ${owner} ;;
    *'/karmada.kubeconfig get secret '*) echo ${token} ;;
  esac`;
}

describeWith(['bash', 'kubectl'], 'join.sh, push', () => {
  test('joins a member with the kubeconfigs of Karmada and of the member', () => {
    const place = new Place({ answers: UNKNOWN });
    const { status, calls } = place.run('join.sh', 'cloud');
    expect(status).toBe(0);
    expect(calls.filter((call) => call.startsWith('kubectl-karmada'))).toEqual([
      `${JOIN} --kubeconfig ${place.kubeconfigs}/karmada.kubeconfig` +
        ` --cluster-kubeconfig ${place.kubeconfigs}/cloud.kubeconfig --cluster-namespace karmada-cluster`,
    ]);
  });

  test('gives the member what the federation says about it, whoever has set it before', () => {
    const { calls } = new Place({ answers: UNKNOWN }).run('join.sh', 'cloud');
    const applied = calls.find((call) => call.includes(' apply '));
    expect(applied).toContain(
      'karmada.kubeconfig apply --server-side --field-manager=serverless-federation --force-conflicts',
    );
    for (const part of ['tier: cloud', 'provider: azure', 'region: us', '- us-2', 'key: dedicated']) {
      expect(applied).toContain(part);
    }
    expect(calls.indexOf(applied!)).toBeGreaterThan(calls.findIndex((call) => call.startsWith(JOIN)));
  });

  test('waits until the member is ready', () => {
    const { calls } = new Place({ answers: UNKNOWN }).run('join.sh', 'cloud', '--timeout', '7');
    expect(calls.at(-1)).toContain('wait --for=condition=Ready clusters.cluster.karmada.io/cloud --timeout=7s');
  });

  test('says why a member is not ready', () => {
    const { status, stderr } = new Place({
      answers: `case $1 in
        *' wait '*) return 1 ;;
        *' get clusters.cluster.karmada.io cloud -o jsonpath'*) echo 'Ready=False: ClusterNotReachable: no route' ;;
      esac`,
    }).run('join.sh', 'cloud');
    expect(status).toBe(1);
    expect(stderr).toContain('ClusterNotReachable: no route');
    expect(stderr).toContain("for 'cloud' to be ready");
  });

  test('joins no member twice, but brings what has changed', () => {
    const { status, calls, stderr } = new Place({ answers: joined() }).run('join.sh', 'cloud');
    expect(status).toBe(0);
    expect(stderr).toContain("'cloud' is joined already");
    expect(calls.filter((call) => call.startsWith('kubectl-karmada'))).toEqual([]);
    expect(calls.filter((call) => call.includes(' apply '))).toHaveLength(1);
    expect(calls.find((call) => call.includes(' apply '))).toContain('kind: Cluster');
  });

  test('deletes the Secrets of a join that broke off before it joins anew', () => {
    const { calls } = new Place({
      answers: `case $1 in *' get secret cloud cloud-impersonator '*) echo secret/cloud ;; esac`,
    }).run('join.sh', 'cloud');
    const deleted = calls.findIndex((call) =>
      call.includes('delete secret cloud cloud-impersonator -n karmada-cluster'),
    );
    expect(deleted).toBeGreaterThan(-1);
    expect(deleted).toBeLessThan(calls.findIndex((call) => call.startsWith(JOIN)));
  });

  test.each([
    ['another token', joined({ token: 'b2xk' })],
    ['no owner', joined({ owner: '' })],
  ])('repairs the Secrets of a joined member that have %s', (_, answers) => {
    const { status, calls } = new Place({ answers }).run('join.sh', 'cloud');
    expect(status).toBe(0);
    const [own, impersonator] = calls.filter((call) => call.includes('kind: Secret'));
    expect(own).toMatch(/name: "cloud"\n[\s\S]*uid: uid-1[\s\S]*token: dG9rZW4=\n\s+caBundle: Y2E=/);
    expect(impersonator).toMatch(/name: "cloud-impersonator"\n/);
    expect(impersonator).not.toContain('caBundle');
  });

  test.each([
    [
      'joined in the other mode',
      joined({ mode: 'Pull' }),
      "'cloud' is joined in Pull mode, and the federation says Push",
    ],
    ['another cluster', joined({ id: 'id-2' }), "Karmada knows another cluster as 'cloud'"],
    ['leaving', joined({ id: 'id-1 leaving' }), 'just being removed'],
  ])('leaves a member alone that is %s', (_, answers, message) => {
    const { status, stderr, calls } = new Place({ answers }).run('join.sh', 'cloud');
    expect(status).toBe(1);
    expect(stderr).toContain(message);
    expect(calls.filter((call) => / (apply|delete|join) /.test(call))).toEqual([]);
  });

  test('puts no token on a command line or into its messages', () => {
    const { calls, stderr, stdout } = new Place({ answers: joined({ token: 'b2xk' }) }).run('join.sh', 'cloud');
    for (const text of [stderr, stdout, ...calls.map((call) => call.split('\n')[0])]) {
      expect(text).not.toMatch(/dG9rZW4=|b2xk|token-of/);
    }
  });

  test('takes karmadactl where there is no kubectl-karmada, and contexts where they are given', () => {
    const place = new Place({ answers: UNKNOWN, tools: ['kubectl', 'karmadactl'] });
    const { calls } = place.run(
      'join.sh',
      'cloud',
      '--context',
      'c',
      '--context',
      'karmada=k',
      '--kubeconfig',
      place.write('c', kubeconfig('cloud', 'c')),
      '--kubeconfig',
      `karmada=${place.write('k', kubeconfig('karmada', 'k'))}`,
    );
    const [call] = calls.filter((each) => each.startsWith('karmadactl'));
    expect(call).toContain('--karmada-context k');
    expect(call).toContain('--cluster-context c');
  });

  const ESTIMATOR = `apiVersion: apps/v1
kind: Deployment
metadata: { name: karmada-scheduler-estimator-cloud, namespace: karmada-system }
spec: { template: { spec: { volumes: [{ name: other }, { name: member, secret: { secretName: cloud-kubeconfig } }] } } }
`;

  test('gives the estimator of a member a kubeconfig with a token of the account that is there for it', () => {
    const { status, calls, stderr } = new Place({
      answers: `case $1 in
        *'/cloud.kubeconfig get serviceaccount karmada-scheduler-estimator '*) echo serviceaccount/karmada-scheduler-estimator ;;
        *'/cloud.kubeconfig get secret karmada-scheduler-estimator -n serverless-federation '*) printf 'Y2E= the-token' ;;
        *'/host.kubeconfig apply '*) sed -n 's/^ *kubeconfig: //p' <<<"$input" | base64 -d >&2 ;;
      esac`,
      manifests: { 'host/40-estimator.yaml': ESTIMATOR },
    }).run('join.sh', 'cloud');
    expect(status).toBe(0);
    const asked = calls.find((call) => call.includes('/cloud.kubeconfig apply '));
    expect(asked).toContain('kubernetes.io/service-account.name: karmada-scheduler-estimator');
    const applied = calls.find((call) => call.includes('/host.kubeconfig apply '));
    expect(applied).toMatch(/name: cloud-kubeconfig\n\s+namespace: karmada-system/);
    expect(applied?.split('\n')[0]).not.toContain('the-token');
    expect(stderr).toContain('server: "https://cloud.example.com:6443", certificate-authority-data: "Y2E="');
    expect(stderr).toContain('token: "the-token"');
  });

  test('waits until Karmada, which may have only just started, knows of clusters', () => {
    const { status, calls } = new Place({
      answers: `case $1 in
        *' --raw /apis/cluster.karmada.io/'*) [[ -e $STATE/up ]] || { touch "$STATE/up"; return 1; } ;;
      esac\n${UNKNOWN}`,
    }).run('join.sh', 'cloud');
    expect(status).toBe(0);
    const looks = calls.findLastIndex((call) => call.includes(' --raw /apis/'));
    expect(calls.filter((call) => call.includes(' --raw /apis/'))).toHaveLength(2);
    expect(calls.findIndex((call) => call.startsWith('kubectl-karmada'))).toBeGreaterThan(looks);
  });

  test('says that the account of an estimator must be applied first', () => {
    const { status, stderr } = new Place({ manifests: { 'host/40-estimator.yaml': ESTIMATOR } }).run(
      'join.sh',
      'cloud',
    );
    expect(status).toBe(1);
    expect(stderr).toContain("'cloud' has no account for its estimator: run scripts/apply.sh members/cloud");
  });

  test('prints in a dry run what it would run, and calls nothing', () => {
    const { status, stdout, calls } = new Place({ kubeconfigs: [] }).run('join.sh', '--dry-run', 'cloud', 'edge');
    expect(status).toBe(0);
    expect(calls).toEqual([]);
    expect(stdout).toMatch(/^kubectl-karmada join cloud --kubeconfig /m);
    expect(stdout).toContain('system:karmada:agent:edge');
  });

  test.each([
    [[], 2, 'name a member'],
    [['../host'], 2, "'../host' is not the name of a member"],
    [['nowhere'], 2, "no member 'nowhere'"],
  ])('refuses %j', (args, code, message) => {
    const { status, stderr, calls } = new Place().run('join.sh', ...args);
    expect(status).toBe(code);
    expect(stderr).toContain(message);
    expect(calls).toEqual([]);
  });
});

describeWith(['bash', 'kubectl', 'openssl'], 'join.sh, pull', () => {
  /** Signs the request that it is given with a CA of its own, as Karmada does. */
  const SIGNING = `
    case $1 in
      *' get clusters.cluster.karmada.io edge --ignore-not-found '*) [[ ! -e $STATE/restarted ]] || echo Pull id-1 ;;
      *'/edge.kubeconfig get namespace kube-system '*) echo id-1 ;;
      *' create -o jsonpath='*)
        sed -n 's/^ *request: //p' <<<"$input" | base64 -d >"$STATE/csr"
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$STATE/ca.key" -out "$STATE/ca.crt" -subj /CN=ca 2>/dev/null
        openssl x509 -req -in "$STATE/csr" -CA "$STATE/ca.crt" -CAkey "$STATE/ca.key" -CAcreateserial -days "\${DAYS:-365}" -out "$STATE/crt" 2>/dev/null
        echo edge-abcde ;;
      *' certificate approve edge-abcde') touch "$STATE/approved" ;;
      *' get csr edge-abcde '*) [[ ! -e $STATE/approved ]] || base64 -w 0 "$STATE/crt" ;;
      *'/edge.kubeconfig apply '*) sed -n 's/^ *karmada-kubeconfig: //p' <<<"$input" | base64 -d >"$STATE/kubeconfig" ;;
      *'/edge.kubeconfig get secret karmada-kubeconfig '*) [[ ! -e $STATE/kubeconfig ]] || cat "$STATE/kubeconfig" ;;
      *' rollout restart '*) touch "$STATE/restarted" ;;
    esac`;

  test('gives the agent its rights, a kubeconfig with a certificate of its own, and starts it anew', () => {
    const place = new Place({ answers: SIGNING });
    const { status, calls, stderr } = place.run('join.sh', 'edge');
    expect(stderr).toContain("'edge' is joined");
    expect(status).toBe(0);
    const order = [
      'name: system:karmada:edge:agent',
      'certificate approve edge-abcde',
      'delete csr edge-abcde',
      'name: karmada-kubeconfig',
      'rollout restart deployment/karmada-agent -n karmada-system',
      'kind: Cluster\n',
    ];
    const found = order.map((text) => calls.findIndex((call) => call.includes(text)));
    expect(found).not.toContain(-1);
    expect(found).toEqual([...found].sort((a, b) => a - b));
  });

  test('writes the kubeconfig as the rotation of the certificate expects it: the user is the member', () => {
    const place = new Place({
      answers: `${SIGNING}\ncase $1 in *'/edge.kubeconfig apply '*) cat "$STATE/kubeconfig" >&2; openssl x509 -in "$STATE/crt" -noout -subject >&2 ;; esac`,
    });
    const { stderr } = place.run('join.sh', 'edge');
    expect(stderr).toContain('server: "https://karmada.example.com:32443"');
    expect(stderr).toContain(`certificate-authority-data: "${Buffer.from('ca of karmada').toString('base64')}"`);
    expect(stderr).toContain('context: { cluster: karmada-apiserver, user: "edge" }');
    expect(stderr).toMatch(/subject=O = system:karmada:agents, CN = system:karmada:agent:edge/);
  });

  test('keeps a certificate that is good', () => {
    const place = new Place({ answers: SIGNING });
    place.run('join.sh', 'edge');
    const { status, calls, stderr } = place.run('join.sh', 'edge');
    expect(status).toBe(0);
    expect(stderr).toContain('has a kubeconfig already');
    expect(calls.filter((call) => /certificate approve|rollout restart|kind: Secret/.test(call))).toEqual([]);
  });

  test('renews a certificate that ends within a week', () => {
    const place = new Place({ answers: SIGNING, env: { DAYS: '3' } });
    place.run('join.sh', 'edge');
    expect(place.run('join.sh', 'edge').calls.filter((call) => call.includes('certificate approve'))).toHaveLength(1);
  });

  test('puts neither key nor certificate on a command line or into its messages', () => {
    const { calls, stderr, stdout } = new Place({ answers: SIGNING }).run('join.sh', 'edge');
    for (const text of [stderr, stdout, ...calls.map((call) => call.split('\n')[0])]) {
      expect(text).not.toMatch(/LS0tLS1|PRIVATE KEY|BEGIN /);
    }
  });

  test('says that the agent must be applied first', () => {
    const { status, stderr } = new Place({
      answers: `case $1 in *' get deployment karmada-agent '*) return 1 ;; esac`,
    }).run('join.sh', 'edge');
    expect(status).toBe(1);
    expect(stderr).toContain('run scripts/apply.sh members/edge first');
  });
});

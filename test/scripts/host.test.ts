import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { App, Chart, Yaml } from 'cdk8s';
import { expect, onTestFinished, test } from 'vitest';
import { BootstrapScripts, ClusterBootstrap } from '../../constructs/k3s/bootstrap-job.ts';
import { bootstrap, machine } from '../k3s/bootstrapping.ts';
import { noSshd, type SshHost } from '../k3s/ssh-host.ts';
import { describeWith, Place } from './run.ts';

type Reach = Pick<SshHost, 'user' | 'port'> & Partial<Pick<SshHost, 'installerUrl'>>;

/** What dist/bootstrap holds for the cluster `edge` of servers and an agent, all of them on one machine. */
function manifest(
  { user, port, installerUrl }: Reach = { user: 'root', port: 22 },
  { servers = ['s1', 's2', 's3'], joinsVpn = false } = {},
): string {
  const chart = new Chart(new App(), 'bootstrap');
  new BootstrapScripts(chart, 'scripts');
  const host = (name: string, role: 'server' | 'agent', i: number) => ({
    name,
    role,
    address: '127.0.0.1',
    publicIp: `192.0.2.${i}`,
  });
  new ClusterBootstrap(chart, 'bootstrap', {
    cluster: {
      name: 'edge',
      vpn: false,
      hosts: [...servers.map((name, i) => host(name, 'server', i + 1)), host('agent-1', 'agent', 4)],
      k3s: {
        version: 'v1.35.6+k3s1',
        ...(installerUrl && { installer: { url: installerUrl }, readyTimeout: 60, settleTime: 1 }),
      },
    },
    network: {},
    ssh: { user, port, secret: 'federation-ssh' },
    steps: joinsVpn
      ? () => [{ name: 'vpn', script: 'true\n', secret: { name: 'federation-vpn', key: 'key' } }]
      : undefined,
  });
  return Yaml.stringify(...chart.toJson());
}

/** The nodes that are there, as host.sh asks for them: name, Ready, server, member of etcd. */
const nodes = (...ready: string[]) =>
  ['s1', 's2', 's3']
    .map((name) => `${name} ${ready.includes(name) ? 'True' : 'Unknown'} true true`)
    .concat('agent-1 True - -')
    .join('\n');

const place = (answers = ':', reach?: Reach) =>
  new Place({ manifests: { 'bootstrap/20-edge.yaml': manifest(reach) }, answers: `case "$1" in\n${answers}\nesac` });

const asked = (calls: readonly string[]) => calls.map((call) => call.replace(/^kubectl --kubeconfig \S+ /, ''));

/** Those that change something, and the server that they went to. */
const changes = (calls: readonly string[]) =>
  asked(calls).filter((call) => /^(--server \S+ )?(drain|annotate|delete) /.test(call));

/** What the servers answer: the nodes, and for one that is to leave etcd that it has, once it was annotated. */
const servers = (...ready: string[]) =>
  `*'get nodes'*) echo '${nodes(...ready)}' ;;
   *' annotate node '*) touch "$STATE/left" ;;
   *'get node '*go-template*) [[ ! -e $STATE/left ]] || echo s-0123abcd ;;`;
const S2 = '--server https://192.0.2.2:6443';
const DRAIN = '--ignore-daemonsets --delete-emptydir-data --force --timeout=600s';
const forgotten = (name: string, to: string) => [
  `${to} delete node ${name} --ignore-not-found --timeout=600s`,
  `${to} delete secret ${name}.node-password.k3s --namespace kube-system --ignore-not-found`,
];

describeWith(['kubectl'], 'host.sh', () => {
  test('--dry-run shows what it would do, in order, and does none of it', () => {
    const { status, stdout, calls } = place().run('host.sh', '--dry-run', 'remove', 's1');
    expect(status).toBe(0);
    expect(calls).toEqual([]);
    const steps = stdout.trim().split('\n');
    expect(
      steps.map((step) => step.replace(/^kubectl --kubeconfig \S+ --server https:\/\/192\.0\.2\.2:6443 /, '')),
    ).toEqual([
      'drain s1 --ignore-daemonsets --delete-emptydir-data --force --timeout=600s',
      'annotate node s1 --overwrite etcd.k3s.cattle.io/remove=true',
      'ssh -p 22 -l root -- 127.0.0.1 sh remote.sh uninstall',
      'delete node s1 --ignore-not-found --timeout=600s',
      'delete secret s1.node-password.k3s --namespace kube-system --ignore-not-found',
    ]);
    const replace = place().run('host.sh', '--dry-run', 'replace', 'agent-1');
    expect(replace.stdout.trim().split('\n').at(-1)).toMatch(/scripts\/bootstrap\.sh --dist \S+ agent-1$/);
  });

  test('names the hosts that there are, and what it can do', () => {
    expect(place().run('host.sh', 'remove', 'nobody').stderr).toContain(
      "no host 'nobody', there are: s1 s2 s3 agent-1",
    );
    expect(place().run('host.sh', 'destroy', 's1').stderr).toContain("give 'remove' or 'replace', and a host");
  });

  test('keeps the quorum of etcd: a server goes only where a majority of the others is up', () => {
    const { status, stderr, calls } = place(`*'get nodes'*) echo '${nodes('s1', 's2')}' ;;`).run(
      'host.sh',
      'remove',
      's1',
    );
    expect(status).toBe(1);
    expect(stderr).toContain("etcd of the cluster 'edge' has 3 members, and only 1 beside 's1' are up: 2 must be");
    expect(calls.some((call) => / (drain|delete|annotate) /.test(call))).toBe(false);
  });

  test('never takes the only server of a cluster, and shows no way to in a dry run', () => {
    const at = new Place({ manifests: { 'bootstrap/20-edge.yaml': manifest(undefined, { servers: ['s1'] }) } });
    for (const options of [[], ['--dry-run']]) {
      const { status, stdout, stderr, calls } = at.run('host.sh', ...options, 'remove', 's1');
      expect({ status, stdout, calls }).toEqual({ status: 1, stdout: '', calls: [] });
      expect(stderr).toContain(
        "'s1' is the only server of the cluster 'edge' in federation.yaml: with it the cluster is gone. To give the cluster up, run k3s-uninstall.sh on it",
      );
    }
    expect(at.run('host.sh', 'replace', 's1').stderr).toContain('Bring its data back');
    expect(at.run('host.sh', '--dry-run', 'remove', 'agent-1').status).toBe(0);
  });

  test('takes no server where no other answers, and says why each of them does not', () => {
    const { status, stderr, calls } = place(
      `*'--server https://192.0.2.2:6443 '*) echo 'error: You must be logged in to the server (Unauthorized)' >&2; return 1 ;;
       *'get --raw /readyz'*) echo 'Unable to connect to the server: no route to host' >&2; return 1 ;;`,
    ).run('host.sh', 'remove', 's1');
    expect(status).toBe(1);
    expect(stderr).toMatch(/no other server of the cluster 'edge' answers by '\S+\/edge\.kubeconfig':/);
    expect(stderr).toContain(
      '  s2, https://192.0.2.2:6443: error: You must be logged in to the server (Unauthorized)\n',
    );
    expect(stderr).toContain('  s3, https://192.0.2.3:6443: Unable to connect to the server: no route to host\n');
    expect(stderr).not.toContain('uninstall');
    expect(changes(calls)).toEqual([]);
  });

  test('forgets no host that its bootstrap could not bring back', () => {
    const manifests = { 'bootstrap/20-edge.yaml': manifest(undefined, { joinsVpn: true }) };
    const at = new Place({ manifests, answers: `case "$1" in ${servers('s1', 's3')} esac` });
    const { status, stderr, calls } = at.run('host.sh', '--secrets-dir', join(at.folder, 'secrets'), 'replace', 's2');
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /the bootstrap of 's2' lacks:\n {2}no join token of the cluster 'edge'.*\n {2}the step 'vpn' needs a secret/,
    );
    expect(changes(calls)).toEqual([]);
    // To take it out, neither is needed.
    expect(at.run('host.sh', '--gone', 'remove', 's2').status).toBe(0);
  });

  test('lets one of two servers go where the other is up, and refuses where it is not', () => {
    const two = (ready: string) => `*'get nodes'*) echo 's1 True true true
s2 ${ready} true true' ;;
   *'get node '*go-template*) echo s1-0123abcd ;;`;
    const left = place(two('True')).run('host.sh', '--gone', 'remove', 's1');
    expect(left.status, left.stderr).toBe(0);
    expect(changes(left.calls)).toHaveLength(4);
    const alone = place(two('Unknown')).run('host.sh', '--gone', 'remove', 's1');
    expect(alone.status).toBe(1);
    expect(alone.stderr).toContain("has 2 members, and only 0 beside 's1' are up: 1 must be");
    expect(changes(alone.calls)).toEqual([]);
  });

  test('a host that is gone for good is removed with nothing done on it, its pods not waited for', () => {
    const { status, stderr, calls } = place(servers('s2', 's3')).run('host.sh', '--gone', 'remove', 's1');
    expect(status, stderr).toBe(0);
    expect(changes(calls)).toEqual([
      `${S2} drain s1 ${DRAIN} --skip-wait-for-delete-timeout=1`,
      `${S2} annotate node s1 --overwrite etcd.k3s.cattle.io/remove=true`,
      ...forgotten('s1', S2),
    ]);
  });

  test('a node is not deleted before its member has left etcd', () => {
    const { status, stderr, calls } = place(`*'get nodes'*) echo '${nodes('s2', 's3')}' ;;`).run(
      'host.sh',
      ...['--timeout', '1', '--gone', 'remove', 's1'],
    );
    expect(status).toBe(1);
    expect(stderr).toContain("waited 1s for 's1' to leave etcd");
    expect(calls.some((call) => call.includes(' delete '))).toBe(false);
  });

  test('removes no host that volumes are on, unless they may be lost', () => {
    const at = place(`*' get pv '*) echo karmada-system/etcd-data-etcd-0; echo default/cache ;;
   ${servers('s1', 's2', 's3')}`);
    const refused = at.run('host.sh', 'remove', 's1');
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain(
      "volumes are on 's1' alone, and go with it: karmada-system/etcd-data-etcd-0, default/cache. Back them up, then give --lose-volumes",
    );
    expect(changes(refused.calls)).toEqual([]);

    const gone = at.run('host.sh', '--gone', 'remove', 's1');
    expect(gone.status, gone.stderr).toBe(0);
    expect(gone.stderr).toContain(
      "volumes were on 's1' alone, and their data is gone: karmada-system/etcd-data-etcd-0",
    );

    // As far as SSH, where nobody answers.
    const lost = at.run('host.sh', '--lose-volumes', 'remove', 's1');
    expect(changes(lost.calls)[0]).toContain(' drain s1 ');
  });

  test('a drain that does not end changes nothing more', () => {
    const { status, stderr, calls } = place(`*' drain '*) return 1 ;;
${servers('s1', 's2', 's3')}`).run('host.sh', 'remove', 's1');
    expect(status).toBe(1);
    expect(stderr).toContain("could not drain 's1': pods of it are still there");
    expect(changes(calls)).toHaveLength(1);
  });

  test('does not replace a host that is there', () => {
    const { status, stderr } = place(`*'get nodes'*) echo '${nodes('s1', 's2', 's3')}' ;;`).run(
      'host.sh',
      'replace',
      'agent-1',
    );
    expect(status).toBe(1);
    expect(stderr).toContain("'agent-1' is Ready: it is not gone");
  });

  test.skipIf(noSshd)(
    'takes a running agent out: drained, uninstalled over SSH, its node and password deleted',
    async () => {
      const host = await machine({ onTestFinished });
      const made = await bootstrap(host, 'agent-1', {
        cluster: {
          name: 'edge-1',
          vpn: true,
          hosts: [
            { name: 's', role: 'server', address: '127.0.0.1', vpnIp: '127.0.0.5' },
            { name: 'agent-1', role: 'agent', address: '127.0.0.1', vpnIp: '127.0.0.30' },
          ],
        },
        token: 'K10abc::server:very-secret',
        settings: { cluster: 'edge' },
      });
      expect(made.status, made.output).toBe(0);
      const at = place(`*'get nodes'*) echo '${nodes('s1', 's2', 's3')}' ;;`, host);

      const { status, stderr, calls } = at.run('host.sh', '--ssh-dir', host.sshDir, 'remove', 'agent-1');

      expect(status, stderr).toBe(0);
      expect(changes(calls)).toEqual([
        'drain agent-1 --ignore-daemonsets --delete-emptydir-data --force --timeout=600s',
        'delete node agent-1 --ignore-not-found --timeout=600s',
        'delete secret agent-1.node-password.k3s --namespace kube-system --ignore-not-found',
      ]);
      expect(host.calls().at(-1)).toBe('uninstall');
      expect(existsSync(join(host.root, 'etc/rancher/node/password'))).toBe(false);
      expect(stderr).toContain("'agent-1' is out of the cluster 'edge': take it out of federation.yaml, too");

      // Once more: what is gone is not missed.
      const again = at.run('host.sh', '--ssh-dir', host.sshDir, 'remove', 'agent-1');
      expect(again.status, again.stderr).toBe(0);
      expect(again.stderr).toContain('runs no k3s-agent: nothing to uninstall');
    },
  );

  const server = (i: number) =>
    ({ name: `s${i}`, role: 'server', address: '127.0.0.1', vpnIp: `127.0.0.${i + 4}` }) as const;

  test.skipIf(noSshd)('takes a running server out: its member leaves etcd first', async () => {
    const host = await machine({ onTestFinished });
    const cluster = { name: 'edge-1', vpn: true, hosts: [server(1), server(2), server(3)] };
    const made = await bootstrap(host, 's1', { cluster, settings: { cluster: 'edge' } });
    expect(made.status, made.output).toBe(0);
    const { status, stderr, calls } = place(servers('s1', 's2', 's3'), host).run(
      'host.sh',
      ...['--ssh-dir', host.sshDir, 'remove', 's1'],
    );
    expect(status, stderr).toBe(0);
    expect(changes(calls)).toEqual([
      `${S2} drain s1 ${DRAIN}`,
      `${S2} annotate node s1 --overwrite etcd.k3s.cattle.io/remove=true`,
      ...forgotten('s1', S2),
    ]);
    expect(host.calls().at(-1)).toBe('uninstall');
    expect(stderr).toContain("it was the cluster's first server: then synthesize, and bootstrap the others");
  });

  test.skipIf(noSshd)('has another machine take the place of a server that is gone', async () => {
    const host = await machine({ onTestFinished });
    const at = place(servers('s1', 's3'), host);
    at.write('kube/edge.token', 'K10abc::server:very-secret');
    const { status, stderr, calls } = await at.runBeside('host.sh', '--ssh-dir', host.sshDir, 'replace', 's2');
    expect(status, stderr).toBe(0);
    const to = '--server https://192.0.2.1:6443';
    expect(changes(calls)).toEqual([
      `${to} annotate node s2 --overwrite etcd.k3s.cattle.io/remove=true`,
      ...forgotten('s2', to),
    ]);
    expect(host.calls()[0]).toMatch(/^installer version=v1\.35\.6\+k3s1 exec=server /);
    expect(stderr).toMatch(/edge +s2 +server +up/);
    expect(stderr).not.toContain('very-secret');
  });
});

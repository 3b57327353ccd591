import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import { describeWith, type Outcome, Place } from './run.ts';

const KEY = '-----BEGIN OPENSSH PRIVATE KEY-----\nsecret bytes\n-----END OPENSSH PRIVATE KEY-----\n';

interface Secret {
  readonly type: string;
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly data: Record<string, string>;
}

/** The Secrets that were applied, with their values decoded. */
function applied({ calls }: Outcome) {
  return calls
    .filter((call) => call.includes(' apply '))
    .map((call) => {
      const { type, metadata, data } = load(call.replace(/.*\n/, '').replace(/^ {4}/gm, '')) as Secret;
      const values = Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]);
      return { type, name: metadata.name, namespace: metadata.namespace, values: Object.fromEntries(values) };
    });
}

/** A place with values for all Secrets of the fixture. */
function place(answers = ''): [Place, string[]] {
  const it = new Place({
    answers,
    env: { FEDERATION_SSH_SSH_PRIVATEKEY: KEY.trimEnd(), FEDERATION_VPN_JOIN_KEY: 'join-me' },
  });
  const files = [
    ['federation-ssh/known_hosts', it.write('my hosts, "a"=b', 'a ssh-ed25519 AAAA\n')],
    ['registry/.dockerconfigjson', it.write('docker.json', '{"auths":{}}')],
  ];
  return [it, files.flatMap(([key, file]) => ['--file', `${key}=${file}`])];
}

describeWith(['bash', 'kubectl'], 'secrets.sh', () => {
  test('makes the Secrets that the manifests name from files and the environment', () => {
    const [it, files] = place();
    const outcome = it.run('secrets.sh', ...files);
    expect(outcome.status).toBe(0);
    expect(applied(outcome)).toEqual([
      {
        type: 'kubernetes.io/dockerconfigjson',
        name: 'registry',
        namespace: 'default',
        values: { '.dockerconfigjson': '{"auths":{}}' },
      },
      {
        type: 'kubernetes.io/ssh-auth',
        name: 'federation-ssh',
        namespace: 'serverless-federation',
        // A private key whose last line has no end is refused by ssh.
        values: { 'ssh-privatekey': KEY, known_hosts: 'a ssh-ed25519 AAAA\n' },
      },
      { type: 'Opaque', name: 'federation-vpn', namespace: 'serverless-federation', values: { 'join-key': 'join-me' } },
    ]);
  });

  test('makes each Secret on the cluster that needs it', () => {
    const [it, files] = place();
    const { calls } = it.run('secrets.sh', ...files);
    const clusters = calls.filter((call) => call.includes(' apply ')).map((call) => /kube\/(\w+)\./.exec(call)?.[1]);
    expect(clusters).toEqual(['cloud', 'management', 'management']);
  });

  test('puts no value on a command line or into its messages', () => {
    const [it, files] = place();
    const { calls, stdout, stderr } = it.run('secrets.sh', ...files);
    for (const text of [stdout, stderr, ...calls.map((call) => call.split('\n')[0])]) {
      expect(text).not.toMatch(/secret bytes|join-me|ssh-ed25519|auths/);
      expect(text).not.toContain(Buffer.from('join-me').toString('base64'));
    }
  });

  test('leaves a Secret alone that is there, unless told to replace it', () => {
    const there = `case $1 in *' get secret federation-vpn '*) echo secret/federation-vpn ;; esac`;
    const [it] = place(there);
    const first = it.run('secrets.sh', 'federation-vpn');
    expect(first.status).toBe(0);
    expect(first.stderr).toContain('is on management already');
    expect(applied(first)).toEqual([]);
    expect(applied(it.run('secrets.sh', '--replace', 'federation-vpn'))).toHaveLength(1);
  });

  test('says all that is missing at once, with the ways to give it', () => {
    const { status, stderr, calls } = new Place().run('secrets.sh');
    expect(status).toBe(1);
    expect(stderr).toContain('--file federation-ssh/ssh-privatekey=FILE or FEDERATION_SSH_SSH_PRIVATEKEY');
    expect(stderr).toContain('FEDERATION_SSH_KNOWN_HOSTS');
    expect(stderr).toContain('REGISTRY__DOCKERCONFIGJSON');
    expect(calls.filter((call) => call.includes(' apply '))).toEqual([]);
  });

  test('makes no Secret of half its keys', () => {
    const { status, calls } = new Place({ env: { FEDERATION_SSH_KNOWN_HOSTS: 'a ssh-ed25519 AAAA' } }).run(
      'secrets.sh',
      'federation-ssh',
    );
    expect(status).toBe(1);
    expect(calls.filter((call) => call.includes(' apply '))).toEqual([]);
  });

  test('makes what is for the clusters that are there, and tells what is left for later', () => {
    const [it, files] = place();
    rmSync(join(it.kubeconfigs, 'cloud.kubeconfig'));
    const outcome = it.run('secrets.sh', ...files);
    expect(outcome.status).toBe(1);
    expect(applied(outcome).map(({ name }) => name)).toEqual(['federation-ssh', 'federation-vpn']);
    expect(outcome.stderr).toContain(`  default/registry on cloud: there is no '${it.kubeconfigs}/cloud.kubeconfig'\n`);
    expect(outcome.stderr).toContain('1 of 3 Secrets are not made yet');
  });

  test('makes those of one cluster, which must be there then', () => {
    const [it, files] = place();
    rmSync(join(it.kubeconfigs, 'cloud.kubeconfig'));
    const management = it.run('secrets.sh', ...files, '--cluster', 'management');
    expect(management.status, management.stderr).toBe(0);
    expect(applied(management).map(({ name }) => name)).toEqual(['federation-ssh', 'federation-vpn']);
    const cloud = it.run('secrets.sh', ...files, '--cluster', 'cloud');
    expect(cloud.stderr).toContain("no kubeconfig for cluster 'cloud'");
    expect(it.run('secrets.sh', '--cluster', 'clout').stderr).toContain(
      "no manifest needs a Secret on the cluster 'clout'",
    );
  });

  test('refuses a file for a key that no manifest needs', () => {
    const { status, stderr, calls } = new Place().run('secrets.sh', '--file', 'federation-vpn/kee=good', '--dry-run');
    expect({ status, calls }).toEqual({ status: 2, calls: [] });
    expect(stderr).toContain("--file names 'federation-vpn/kee', which no manifest needs");
  });

  test('an empty name, as of a variable that is not set, is refused', () => {
    const { status, stderr, calls } = new Place().run('secrets.sh', '--dry-run', '');
    expect(status).toBe(2);
    expect(stderr).toContain('an argument is empty');
    expect(calls).toEqual([]);
  });

  test('--dry-run says which values are missing or cannot be read', () => {
    const it = new Place({ env: { FEDERATION_VPN_JOIN_KEY_FILE: '/nowhere' }, kubeconfigs: [] });
    const { status, stderr, calls } = it.run('secrets.sh', '--dry-run');
    expect({ status, calls }).toEqual({ status: 0, calls: [] });
    expect(stderr).toContain('no value for:\n');
    expect(stderr).toMatch(
      / {2}registry\/\.dockerconfigjson, .*: give --file registry\/\.dockerconfigjson=FILE or REGISTRY__DOCKERCONFIGJSON\n/,
    );
    expect(stderr).toMatch(/ {2}federation-vpn\/join-key, .*: cannot read '\/nowhere'\n/);
  });

  test('lists what is needed without a cluster', () => {
    const { status, stdout, calls } = new Place({ kubeconfigs: [] }).run('secrets.sh', '--list');
    expect(status).toBe(0);
    expect(calls).toEqual([]);
    expect(stdout.split('\n')).toContain(
      'management\tserverless-federation\tfederation-ssh\tknown_hosts\tthe host keys of every host, as ssh-keyscan prints them',
    );
  });

  test('has nothing to do where the federation needs no Secrets, and says where no synth was', () => {
    const it = new Place({ kubeconfigs: [] });
    rmSync(join(it.dist, 'bootstrap'), { recursive: true });
    const before = it.run('secrets.sh');
    expect(before.stderr).toContain(`there are no manifests in '${it.dist}/bootstrap': "npm run synth" makes them`);
    expect(before.status).toBe(1);
    it.write('dist/README.md', '');
    for (const options of [[], ['--list'], ['--kubeconfig', '/nowhere']]) {
      const { status, stdout, stderr } = it.run('secrets.sh', ...options);
      expect([status, stdout, stderr]).toEqual([0, '', 'the manifests need no Secrets\n']);
    }
  });

  test('refuses a name that no manifest needs, and a file that is not there', () => {
    const unknown = new Place().run('secrets.sh', 'federation-shh');
    expect(unknown.status).toBe(2);
    expect(unknown.stderr).toContain("no manifest needs a Secret 'federation-shh'");
    const missing = new Place().run('secrets.sh', 'federation-vpn', '--file', 'federation-vpn/join-key=/nowhere');
    expect(missing.status).toBe(1);
    expect(missing.stderr).toContain("cannot read '/nowhere'");
  });

  test('makes nothing in a dry run', () => {
    const { status, stdout, calls } = new Place({ kubeconfigs: [] }).run('secrets.sh', '--dry-run');
    expect(status).toBe(0);
    expect(calls).toEqual([]);
    expect(stdout).toContain('# makes Secret default/registry on cloud');
  });
});

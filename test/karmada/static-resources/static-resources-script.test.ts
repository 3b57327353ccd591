import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { expect, onTestFinished, test } from 'vitest';
import {
  StaticResourceJob,
  type StaticResourceJobProps,
} from '../../../constructs/karmada/static-resources/static-resource-job.ts';
import { describeWith, find as findProgram } from '../../scripts/run.ts';
import { type Manifest, synth } from '../objects.ts';

/*
 * The Job's script with real tar, sha256sum and kustomize. kubectl is a stand-in for what reaches the Karmada API, and
 * curl is one that hands out an archive. The end-to-end test runs the Job against a real API server.
 */

const CRD = (plural: string) => `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: ${plural}.work.karmada.io }
spec: { group: work.karmada.io }
`;
const PATCH = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: resourcebindings.work.karmada.io }
spec:
  conversion:
    strategy: Webhook
    webhook:
      clientConfig: { url: "https://{{name}}.{{namespace}}.svc:443/convert", caBundle: "{{caBundle}}" }
`;
/** What a release's archive holds. */
const CRDS = {
  'crds/kustomization.yaml':
    'resources: [bases/work/a.yaml, bases/work/b.yaml]\npatches: [{ path: patches/webhook_in_a.yaml }]\n',
  'crds/bases/work/a.yaml': CRD('resourcebindings'),
  'crds/bases/work/b.yaml': CRD('works'),
  'crds/patches/webhook_in_a.yaml': PATCH,
};

/** Checksum of the list of its files. */
const CONTENT = sha256(
  Object.entries(CRDS)
    .map(([path, text]) => `${sha256(text)}  ${path.replace(/^crds/, '.')}\n`)
    .sort((a, b) => (a.slice(64) < b.slice(64) ? -1 : 1))
    .join(''),
);

function sha256(text: string | Buffer): string {
  return createHash('sha256').update(text).digest('hex');
}

class Karmada {
  readonly folder = mkdtempSync(join(tmpdir(), 'static-resources-'));
  readonly archive = join(this.folder, 'crds.tar.gz');

  constructor() {
    onTestFinished(() => rmSync(this.folder, { recursive: true, force: true }));
    for (const [path, text] of Object.entries(CRDS)) this.write(join('release', path), text);
    for (const folder of ['applied', 'bin', 'work']) mkdirSync(join(this.folder, folder));
    this.pack();
    this.tool(
      'kubectl',
      `case "$*" in
        kustomize*) exec ${findProgram('kubectl')} "$@" ;;
        get*) [[ -z \${API_DOWN-} ]] || { echo 'connection refused' >&2; exit 1; } ;;
        apply*) n=$(ls ${this.folder}/applied | wc -l); cp "\${@: -1}" "${this.folder}/applied/$n.yaml" ;;
      esac
      echo "$*" >>${this.folder}/calls`,
    );
    this.tool(
      'curl',
      `while (($# > 1)); do [[ $1 != --output ]] || cp ${this.archive} "$2"; shift; done; echo "$1" >>${this.folder}/fetched`,
    );
  }

  /** Makes the archive of what is in `release`. */
  pack(): void {
    spawnSync('tar', ['-czf', this.archive, '-C', join(this.folder, 'release'), 'crds']);
  }

  write(path: string, text: string): string {
    const file = join(this.folder, path);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, text);
    return file;
  }

  tool(name: string, body: string): void {
    chmodSync(this.write(join('bin', name), `#!/usr/bin/env bash\nset -euo pipefail\n${body}\n`), 0o755);
  }

  run(props: Partial<StaticResourceJobProps> = {}, env: Record<string, string> = {}) {
    const objects = synth((scope) => new StaticResourceJob(scope, 'job', { components: ['etcd'], ...props }));
    const resources = mkdtempSync(join(this.folder, 'resources-'));
    const files = objects.find(({ metadata }) => metadata.name === 'karmada-static-resources')?.data;
    for (const [name, text] of Object.entries<string>(files)) writeFileSync(join(resources, name), text);
    const job = objects.find(({ kind }) => kind === 'Job') as Manifest;
    const given = job.spec.template.spec.containers[0].env.map(({ name, value }: Record<string, string>) => [
      name,
      // Of what stands in for the release.
      name === 'CRDS_CONTENT_SHA256' ? CONTENT : value,
    ]);
    const { status, stderr } = spawnSync('bash', [join(resources, 'static-resources.sh')], {
      encoding: 'utf8',
      env: {
        ...Object.fromEntries(given),
        PATH: `${join(this.folder, 'bin')}:${process.env.PATH}`,
        CA_FILE: this.write('ca.crt', 'the CA'),
        RESOURCES_DIR: resources,
        HOME: join(this.folder, 'work'),
        TMPDIR: join(this.folder, 'work'),
        ...env,
      },
    });
    return { status, log: stderr };
  }

  /** What was applied, in order: a list of objects for each apply. */
  applied(): Manifest[][] {
    const file = (i: number) => join(this.folder, 'applied', `${i}.yaml`);
    const all: Manifest[][] = [];
    for (let i = 0; existsSync(file(i)); i++) all.push(loadAll(readFileSync(file(i), 'utf8')) as Manifest[]);
    return all;
  }

  lines(file: 'calls' | 'fetched'): string[] {
    const path = join(this.folder, file);
    return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
  }
}

const CA = Buffer.from('the CA').toString('base64');

describeWith(['bash', 'kubectl', 'tar', 'sha256sum'], 'static-resources.sh', () => {
  test('applies namespaces and RBAC, CRDs, what refers to Services, and at the very end the version', () => {
    const karmada = new Karmada();
    const { status, log } = karmada.run();
    expect(log).toContain('the Karmada API is ready');
    expect(status).toBe(0);
    const [first, crds, last, version, ...more] = karmada.applied();
    expect(first?.[0]?.kind).toBe('Namespace');
    expect(crds?.map(({ metadata }) => metadata.name)).toEqual([
      'resourcebindings.work.karmada.io',
      'works.work.karmada.io',
    ]);
    expect(last?.map(({ kind }) => kind)).toContain('ValidatingWebhookConfiguration');
    expect(version).toEqual([expect.objectContaining({ data: { karmadaVersion: 'v1.18.2' } })]);
    expect(more).toEqual([]);
    for (const call of karmada.lines('calls').filter((line) => line.startsWith('apply'))) {
      expect(call).toContain('--server-side --force-conflicts --field-manager serverless-federation');
    }
  });

  test('puts the CA wherever something is trusted by it, and the webhook into the CRDs that it converts', () => {
    const karmada = new Karmada();
    expect(karmada.run({ namespace: 'fed' }).status).toBe(0);
    const objects = karmada.applied().flat();
    expect(JSON.stringify(objects)).not.toContain('{{');
    const converted = objects.find(({ metadata }) => metadata.name === 'resourcebindings.work.karmada.io');
    expect(converted?.spec.conversion.webhook.clientConfig).toEqual({
      url: 'https://karmada-webhook.fed.svc:443/convert',
      caBundle: CA,
    });
    const api = objects.find(({ kind }) => kind === 'APIService');
    expect(api?.spec.caBundle).toBe(CA);
  });

  test('takes the archive whose checksum is given, and no other', () => {
    const karmada = new Karmada();
    const checksum = ({ archive }: Karmada) => sha256(readFileSync(archive));
    const url = 'https://mirror.example.com/crds.tar.gz';
    expect(karmada.run({ crds: { url, sha256: checksum(karmada) } }).status).toBe(0);
    expect(karmada.lines('fetched')).toEqual([url]);

    const other = new Karmada();
    const { status, log } = other.run({ crds: { url, sha256: 'f'.repeat(64) } });
    expect(status).toBe(1);
    expect(log).toContain(`${url} has the SHA-256 ${checksum(other)}, not ${'f'.repeat(64)}`);
    expect(
      other
        .applied()
        .flat()
        .filter(({ kind }) => kind === 'CustomResourceDefinition'),
    ).toEqual([]);
  });

  test.each<[string, (karmada: Karmada) => void]>([
    ['with another line', (karmada) => karmada.write('release/crds/bases/work/b.yaml', `${CRD('works')}# more\n`)],
    ['under another name', (karmada) => karmada.write('release/crds/bases/work/c.yaml', CRD('works'))],
    ['as a link', ({ folder }) => symlinkSync('webhook_in_a.yaml', join(folder, 'release/crds/patches/b.yaml'))],
    ['less', ({ folder }) => rmSync(join(folder, 'release/crds/bases/work/b.yaml'))],
  ])("refuses a release's archive with a file %s, before a CRD is applied", (_, change) => {
    const karmada = new Karmada();
    change(karmada);
    karmada.pack();
    const { status, log } = karmada.run();
    expect(status).toBe(1);
    expect(log).toMatch(
      /releases\/download\/v1\.18\.2\/crds\.tar\.gz holds other files than the release: their list has the SHA-256 [0-9a-f]{64}, not /,
    );
    expect(karmada.applied()).toHaveLength(1);
  });

  test('takes nothing but the CRDs out of an archive', () => {
    const karmada = new Karmada();
    karmada.write('release/last.yaml', 'kind: Intruder\n');
    spawnSync('tar', ['-czf', karmada.archive, '-C', join(karmada.folder, 'release'), 'crds', 'last.yaml']);
    expect(karmada.run().status).toBe(0);
    expect(karmada.applied()[2]?.map(({ kind }) => kind)).not.toContain('Intruder');
  });

  test('fetches nothing when it has the files', () => {
    const karmada = new Karmada();
    const folder = join(karmada.folder, 'release', 'crds');
    const crds = { files: { 'kustomization.yaml': '' } };
    expect(karmada.run({ crds }, { CRDS_DIR: folder }).status).toBe(0);
    expect(karmada.lines('fetched')).toEqual([]);
    expect(karmada.applied()[1]).toHaveLength(2);
    // What it filled in was a copy.
    expect(readFileSync(join(folder, 'patches/webhook_in_a.yaml'), 'utf8')).toBe(PATCH);
  });

  test('refuses an archive that holds something else, before the version is written', () => {
    const karmada = new Karmada();
    const elsewhere = karmada.write('elsewhere/README', '');
    spawnSync('tar', ['-czf', karmada.archive, '-C', join(elsewhere, '..'), 'README']);
    const { status, log } = karmada.run();
    expect(status).toBe(1);
    expect(log).toContain('there is no crds/kustomization.yaml');
    expect(karmada.applied()).toHaveLength(1);
  });

  test('removes what belongs to components that are gone, by their label and nothing else', () => {
    const karmada = new Karmada();
    expect(karmada.run({ components: ['etcd', 'search', 'descheduler'] }).status).toBe(0);
    const deletions = karmada.lines('calls').filter((line) => line.startsWith('delete'));
    expect(deletions).toHaveLength(1);
    expect(deletions[0]).toMatch(
      /--selector app\.kubernetes\.io\/managed-by=serverless-federation,app\.kubernetes\.io\/component=karmada-metrics-adapter,!serverless-federation\.io\/target$/,
    );
    expect(deletions[0]).not.toMatch(/[ ,](namespaces?|ns|crds?|customresource\w*|secrets?)[ ,]/);
  });

  test('says what it has waited for in vain', () => {
    const { status, log } = new Karmada().run({}, { API_DOWN: '1', TIMEOUT: '1' });
    expect(status).toBe(1);
    expect(log).toContain('waited 1s for the Karmada API server: connection refused');
  });

  test('leaves nothing behind in its folder', () => {
    const karmada = new Karmada();
    karmada.run();
    const { stdout } = spawnSync('ls', ['-A', join(karmada.folder, 'work')], { encoding: 'utf8' });
    expect(stdout.split('\n').filter((name) => name.startsWith('tmp.'))).toEqual([]);
  });
});

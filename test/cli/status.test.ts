import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import type { StatusReport } from '../../cli/status/report.ts';
import { type StatusOptions, status } from '../../cli/status/status.ts';
import { synth } from '../../main.ts';
import { describeWith, kubeconfig } from '../scripts/run.ts';
import { Connections } from './connections.ts';
import {
  alongBinding,
  binding,
  certificate,
  cluster,
  Fleet,
  federation,
  on,
  PATHS,
  shopBinding,
  workload,
} from './fleet.ts';
import type { StandInApi } from './stand-in-api.ts';

/*
 * The API servers are stand-ins here, which say what real ones do; kubectl is real. test/e2e/federation.test.ts has real
 * servers.
 */

const DAY = 86_400_000;

const folder = mkdtempSync(join(tmpdir(), 'status-'));
const dist = join(folder, 'dist');

describeWith(['kubectl'], 'status', () => {
  const connections = new Connections();
  let fleet: Fleet;
  let host: StandInApi;
  let karmada: StandInApi;
  let work: string;
  let printed: string;
  let errors: string;
  let exitCode: typeof process.exitCode;

  beforeAll(async () => {
    fleet = await Fleet.start();
    ({ host, karmada } = fleet);
    const file = join(folder, 'federation.yaml');
    writeFileSync(file, JSON.stringify(federation));
    const warnings = vi.spyOn(console, 'error').mockReturnValue();
    synth(file, dist);
    warnings.mockRestore();
  });
  afterAll(async () => {
    await connections.close();
    fleet.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  beforeEach(() => {
    exitCode = process.exitCode;
    fleet.recovers();
    connections.share();
    work = mkdtempSync(join(folder, 'work-'));
    cpSync(fleet.work, work, { recursive: true });
    [printed, errors] = ['', ''];
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      printed += text;
      return true;
    });
    vi.spyOn(console, 'log').mockImplementation((text) => {
      printed += `${text}\n`;
    });
    vi.spyOn(console, 'error').mockImplementation((text) => {
      errors += `${text}\n`;
    });
  });
  afterEach(() => {
    process.exitCode = exitCode;
  });

  const look = async (options: Partial<StatusOptions> = {}) => {
    await status({ dist, kubeconfigDir: work, timeout: '20', days: '30', ...options });
    return process.exitCode;
  };

  const report = async (options: Partial<StatusOptions> = {}): Promise<StatusReport> => {
    await look({ output: 'json', ...options });
    return JSON.parse(printed) as StatusReport;
  };

  test('shows what is computed beside what is there, and that all is well', async () => {
    expect(await look()).toBe(0);
    expect(errors).toBe('all is well\n');
    expect(printed).toMatch(/^karmada-system\/karmada-apiserver +1\/1$/m);
    expect(printed).toMatch(/^oslo +1\/1$/m);
    expect(printed).toMatch(/^Secret karmada-system\/early +2100-01-01 +\d+$/m);
    expect(printed).not.toContain('late');
    expect(printed).toMatch(/^oslo +Push +v1\.35\.2 +True +-$/m);
    expect(printed).toMatch(/^bern +Pull +v1\.35\.2 +True +1h ago$/m);
    expect(printed).toMatch(/^Deployment default\/shop +oslo +2 +2 +2 +Healthy$/m);
    expect(printed).toMatch(/^Deployment default\/shop +bern +1 +1 +1 +Healthy$/m);
    expect(printed).toMatch(/^Secret default\/token +oslo +\+ +\+ +- +-$/m);
    expect(printed).not.toContain('\x1b');
  });

  test('prints all of that for programs, too', async () => {
    const { verdict, faults, unknown, members, objects, estimators } = await report();
    expect({ verdict, faults, unknown }).toEqual({ verdict: 'well', faults: [], unknown: [] });
    expect(estimators).toEqual([{ member: 'oslo', ready: 1, wanted: 1 }]);
    expect(members.map(({ name, joined, ready }) => [name, joined, ready])).toEqual([
      ['bern', true, 'True'],
      ['oslo', true, 'True'],
    ]);
    expect(objects.find(({ name }) => name === 'shop')).toMatchObject({
      kind: 'Deployment',
      declared: true,
      state: 'well',
      members: [
        {
          member: 'oslo',
          computed: { replicas: 2 },
          live: { replicas: 2, ready: 2, applied: true, health: 'Healthy' },
          state: 'well',
        },
        { member: 'bern', computed: { replicas: 1 }, live: { replicas: 1, ready: 1 }, state: 'well' },
      ],
    });
  });

  test("asks for what is this federation's alone, and for no value of a Secret", async () => {
    await look();
    const of = ({ requests }: StandInApi, what: string) => requests.find(({ url }) => url.includes(what));
    expect(decodeURIComponent(of(host, '/deployments')?.url ?? '')).toContain(
      'labelSelector=serverless-federation.io/federation=fleet',
    );
    expect(of(host, '/secrets')?.accept).toContain('as=PartialObjectMetadataList');
    expect(of(karmada, '/secrets')).toBeUndefined();
  });

  const down = { type: 'Ready', status: 'False', reason: 'ClusterNotReachable', message: 'cluster is not reachable' };
  const silent = { type: 'Ready', status: 'Unknown', reason: 'ClusterStatusUnknown', message: 'stopped posting' };

  const faults: { what: string; server: 'host' | 'karmada'; path: string; items: readonly object[]; told: RegExp[] }[] =
    [
      {
        what: 'a component has too few pods',
        server: 'host',
        path: PATHS.host.statefulSets,
        items: [workload('etcd', 1, 3)],
        told: [/^StatefulSet karmada-system\/etcd has 1 of 3 pods ready$/],
      },
      {
        what: 'an estimator does not run',
        server: 'host',
        path: PATHS.host.deployments,
        items: [workload('karmada-scheduler-estimator-oslo', 0)],
        told: [/^the estimator of member oslo has 0 of 1 pods ready$/],
      },
      {
        what: 'a certificate is near its end',
        server: 'host',
        path: PATHS.host.secrets,
        items: [
          certificate('soon', new Date(Date.now() + 10.5 * DAY).toUTCString()),
          certificate('late', 'Jan 1 2100'),
        ],
        told: [/^a certificate ends within 30 days: Secret karmada-system\/soon \(\d{4}-\d\d-\d\d\); /],
      },
      {
        what: 'a member does not answer',
        server: 'karmada',
        path: PATHS.karmada.clusters,
        items: [cluster('oslo', 'Push', down), cluster('bern', 'Pull')],
        told: [/^member oslo is not ready: ClusterNotReachable, cluster is not reachable$/],
      },
      {
        what: 'an agent has stopped',
        server: 'karmada',
        path: PATHS.karmada.clusters,
        items: [cluster('oslo', 'Push'), cluster('bern', 'Pull', silent)],
        told: [
          /^member bern is not ready: its agent was heard of last at \d{4}-.*; it does not run, or does not reach/,
        ],
      },
      {
        what: 'a member is in no file',
        server: 'karmada',
        path: PATHS.karmada.clusters,
        items: [cluster('oslo', 'Push'), cluster('bern', 'Pull'), cluster('former', 'Push')],
        told: [/^member former is not in the federation file: scripts\/unjoin\.sh former takes it out$/],
      },
      {
        what: 'Karmada has divided otherwise',
        server: 'karmada',
        path: PATHS.karmada.bindings,
        items: [
          shopBinding({
            clusters: [
              { name: 'oslo', replicas: 1 },
              { name: 'bern', replicas: 2 },
            ],
            aggregatedStatus: [on('oslo', 1), on('bern', 2)],
          }),
          alongBinding(),
        ],
        told: [
          /^Deployment default\/shop on oslo: computed are 2 replicas, Karmada has decided on 1 replica$/,
          /^Deployment default\/shop on bern: computed are 1 replica, Karmada has decided on 2 replicas$/,
        ],
      },
      {
        what: 'no member fits',
        server: 'karmada',
        path: PATHS.karmada.bindings,
        items: [
          shopBinding({
            clusters: [],
            scheduled: { status: 'False', message: '0/2 clusters are available' },
            aggregatedStatus: [],
          }),
        ],
        told: [/^Deployment default\/shop on oslo, bern: 0\/2 clusters are available$/],
      },
      {
        what: 'a copy is not healthy',
        server: 'karmada',
        path: PATHS.karmada.bindings,
        items: [
          shopBinding({ aggregatedStatus: [on('oslo', 1, { health: 'Unhealthy' }), on('bern', 1)] }),
          alongBinding(),
        ],
        told: [/^Deployment default\/shop on oslo: 1 of 2 replicas ready$/],
      },
      {
        what: 'a member refuses an object',
        server: 'karmada',
        path: PATHS.karmada.bindings,
        items: [
          shopBinding({
            aggregatedStatus: [
              { clusterName: 'oslo', applied: false, appliedMessage: 'it is there already', health: 'Unknown' },
              on('bern', 1),
            ],
          }),
          alongBinding(),
        ],
        told: [/^Deployment default\/shop on oslo: it is there already$/],
      },
      {
        what: 'another policy has taken an app elsewhere',
        server: 'karmada',
        path: PATHS.karmada.bindings,
        items: [
          shopBinding({
            clusters: [{ name: 'bern', replicas: 3 }],
            aggregatedStatus: [on('bern', 3)],
            annotations: { 'clusterpropagationpolicy.karmada.io/name': 'greedy' },
          }),
          alongBinding(),
        ],
        told: [
          /^Deployment default\/shop: ClusterPropagationPolicy greedy places it, and not PropagationPolicy default\/shop$/,
        ],
      },
    ];

  test.each(faults)('ends with 1 and says where $what, and nothing else', async ({ server, path, items, told }) => {
    const api = { host, karmada }[server];
    api.says(path, ...items);
    expect(await look()).toBe(1);
    const lines = errors.trim().split('\n');
    expect(lines).toEqual(told.map((line) => expect.stringMatching(line)));
  });

  test('says of what is not applied that the Karmada API does not hold it, and of what is that it waits', async () => {
    karmada.says(PATHS.karmada.bindings);
    karmada.told.set('/apis/apps/v1', {
      status: 200,
      body: { resources: [{ name: 'deployments', kind: 'Deployment', namespaced: true }] },
    });
    await look();
    expect(errors).toBe('Deployment default/shop without a place: the Karmada API does not hold it\n');
    const path = '/apis/apps/v1/namespaces/default/deployments/shop';
    karmada.told.set(path, { status: 200, body: {} });
    errors = '';
    await look();
    expect(errors).toBe('Deployment default/shop without a place: Karmada has not bound it to a policy yet\n');
  });

  const event = (reason: string, second: number, message: string) => ({
    involvedObject: { kind: 'Deployment', apiVersion: 'apps/v1', namespace: 'default', name: 'shop' },
    reason,
    message,
    lastTimestamp: `2026-01-01T00:00:0${second}Z`,
  });
  const overrideFailed = 'Apply override policy(default/broken) for cluster(oslo) failed.';

  test('tells an override that fails, before and after the member got a copy', async () => {
    karmada.says(
      PATHS.karmada.failed,
      event('SyncWorkSucceed', 1, 'Sync work of ResourceBinding(default/shop-deployment) successful.'),
      event('ApplyOverridePolicyFailed', 2, overrideFailed),
      event('SyncWorkFailed', 2, 'the path does not exist'),
    );
    const told = 'Deployment default/shop on oslo: override policy(default/broken) fails: the path does not exist\n';
    expect(await look()).toBe(1);
    expect(errors).toBe(told);

    errors = '';
    karmada.says(PATHS.karmada.bindings, shopBinding({ aggregatedStatus: [on('bern', 1)] }), alongBinding());
    expect(await look()).toBe(1);
    expect(errors).toBe(told);
    expect(printed).toMatch(/^Deployment default\/shop +oslo +2 +2 +- +- +override policy\(default\/broken\) fails/m);
  });

  test('does not tell what has failed once and went well afterwards', async () => {
    karmada.says(
      PATHS.karmada.failed,
      event('ApplyOverridePolicyFailed', 1, overrideFailed),
      event('SyncWorkFailed', 1, 'the path does not exist'),
      event('SyncWorkSucceed', 2, 'Sync work of ResourceBinding(default/shop-deployment) successful.'),
    );
    expect(await look()).toBe(0);
  });

  test('shows what somebody else has placed, and judges its health alone', async () => {
    const foreign = binding({
      resource: { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'other', name: 'own' },
      clusters: [{ name: 'oslo' }],
      scheduled: {},
      aggregatedStatus: [{ clusterName: 'oslo', applied: true, health: 'Unknown' }],
    });
    karmada.says(PATHS.karmada.bindings, shopBinding(), alongBinding(), foreign);
    expect(await look()).toBe(0);
    expect(printed).toMatch(/^ConfigMap other\/own \(not in dist\) +oslo +- +\+ /m);
  });

  test('takes the number of replicas from what scales an app', async () => {
    const scaled = join(work, 'scaled');
    const { apps, ...spec } = federation.spec;
    const { replicas: _, ...app } = apps[0] as (typeof apps)[number];
    const schedules = [{ name: 'day', cron: '0 6 * * *', replicas: 6 }];
    const file = join(work, 'scaled.yaml');
    writeFileSync(
      file,
      JSON.stringify({ ...federation, spec: { ...spec, apps: [{ ...app, scaling: { schedules } }] } }),
    );
    synth(file, scaled);
    const six = shopBinding({
      clusters: [
        { name: 'oslo', replicas: 4 },
        { name: 'bern', replicas: 2 },
      ],
      aggregatedStatus: [on('oslo', 4), on('bern', 2)],
    });
    karmada.says(PATHS.karmada.bindings, { ...six, spec: { ...six.spec, replicas: 6 } }, alongBinding());
    const { objects } = await report({ dist: scaled });
    const shop = objects.find(({ kind, name }) => kind === 'Deployment' && name === 'shop');
    expect(shop?.members.map(({ computed }) => computed?.replicas)).toEqual([4, 2]);
  });

  test('reads the certificates in kubeconfigs, of members too', async () => {
    const [key, crt] = [join(work, 'key'), join(work, 'crt')];
    const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc', '-keyout', key, '-out', crt];
    execFileSync('openssl', ['req', '-x509', '-subj', '/CN=me', '-days', '3', ...made], { stdio: 'ignore' });
    const config = (user: string) => kubeconfig('bern').replace('token: token-of-bern', user);
    writeFileSync(join(work, 'bern.kubeconfig'), config('client-certificate: crt, client-key: key'));
    const data = readFileSync(crt).toString('base64');
    writeFileSync(join(work, 'oslo.kubeconfig'), config(`client-certificate-data: ${data}`));
    expect(await look()).toBe(1);
    expect(errors).toContain('bern.kubeconfig, user default (');
    expect(errors).toContain('oslo.kubeconfig, user default (');
    errors = '';
    expect(await look({ days: '1' })).toBe(0);
  });

  test('ends with 2 where a server is silent, is not there, or has no kubeconfig, and shows the other', async () => {
    connections.unshare();
    const own = await Fleet.start();
    onTestFinished(() => own.stop());
    const { host, karmada, work: kubeconfigDir } = own;
    const clusters = karmada.told.get(PATHS.karmada.clusters);
    karmada.told.set(PATHS.karmada.clusters, undefined);
    expect(await look({ kubeconfigDir, timeout: '5' })).toBe(2);
    expect(errors).toBe('Karmada does not answer: no answer within 5s\n');
    expect(printed).toMatch(/^karmada-system\/etcd +1\/1$/m);

    karmada.told.set(PATHS.karmada.clusters, clusters);
    host.stop();
    errors = '';
    expect(await look({ kubeconfigDir })).toBe(2);
    expect(errors).toMatch(/^the host does not answer: .*connection refused$/m);
    expect(errors).not.toMatch(/^E\d{4}/m);

    [printed, errors] = ['', ''];
    expect(await look({ kubeconfigDir, kubeconfig: ['host=nowhere', 'karmada=nowhere'] })).toBe(2);
    expect(errors).toMatch(/no kubeconfig for cluster 'host': there is no .*; put it there, or/);
    expect(errors).toMatch(/for cluster 'karmada': there is no .*; make it with "scripts\/karmada-kubeconfig.sh", or/);
    expect(printed).toBe('');
  });

  test('refuses a wrong call, and to look without manifests', async () => {
    await expect(look({ timeout: 'soon' })).rejects.toThrow("--timeout 'soon' is not a number of seconds");
    await expect(look({ days: '-1' })).rejects.toThrow("--days '-1' is not a number of days");
    await expect(look({ context: ['olso=admin'] })).rejects.toThrow("'olso=admin' names cluster 'olso'");
    await expect(look({ kubeconfig: ['file'] })).rejects.toThrow('several clusters are meant');
    await expect(look({ dist: join(work, 'nothing') })).rejects.toThrow("there are no manifests in '");
  });

  test('prints in a dry run what it would ask, as commands of kubectl, and asks nothing', async () => {
    await look({ dryRun: true });
    expect(printed).toMatch(/^kubectl --kubeconfig \S+host\.kubeconfig get --raw '\/apis\/apps\/v1\/deployments\?/m);
    expect(printed).toMatch(/^kubectl --kubeconfig \S+karmada\.kubeconfig get --raw \/apis\/work\S+$/m);
    expect([...host.requests, ...karmada.requests]).toEqual([]);
  });
});

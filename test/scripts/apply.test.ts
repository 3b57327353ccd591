import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeWith, kubeconfig, type Outcome, Place } from './run.ts';

/** A server on which all is ready at once. */
const READY = `case $1 in
  *' get job '*) echo Complete ;;
esac`;

/** The files that were applied, with what was waited for in between, in order. */
function steps({ calls }: Outcome): string[] {
  return calls.flatMap((call) => {
    const applied = /^kubectl .*apply .*-f \S*\/dist\/(\S+)/.exec(call);
    const awaited = /get job (\S+)|(?:rollout status|wait --for=\S+) (\S+)/.exec(call);
    if (applied) return [`apply ${applied[1]}`];
    return awaited ? [`wait ${awaited[1] ?? awaited[2]}`] : [];
  });
}

/** Steps without the repetitions of a poll. */
function distinct(steps: string[]): string[] {
  return steps.filter((step, index) => step !== steps[index - 1]);
}

describeWith(['bash', 'kubectl'], 'apply.sh', () => {
  test('applies the files of a target in order, server-side, under the name of the project', () => {
    const { status, calls } = new Place({ answers: READY }).run('apply.sh', 'host');
    expect(status).toBe(0);
    const applied = calls.filter((call) => call.includes(' apply '));
    expect(applied.map((call) => call.replace(/.*\//, ''))).toEqual([
      '00-namespaces.yaml',
      '10-network.yaml',
      '20-certificates.yaml',
      '30-karmada.yaml',
    ]);
    for (const call of applied) expect(call).toContain('apply --server-side --field-manager=serverless-federation -f');
  });

  test('names a file that is broken, before anything is applied', () => {
    const { status, stderr, calls } = new Place({ manifests: { 'host/20-certificates.yaml': 'a: [' } }).run(
      'apply.sh',
      'host',
    );
    expect(status).toBe(1);
    expect(stderr).toMatch(/cannot read '\S+\/dist\/host\/20-certificates\.yaml'/);
    expect(calls.filter((call) => call.includes(' apply '))).toEqual([]);
  });

  test('waits after each file for what the next may need', () => {
    const outcome = new Place({ answers: READY }).run('apply.sh', 'host');
    expect(distinct(steps(outcome)).filter((step) => !/^wait karmada-certificates/.test(step))).toEqual([
      'apply host/00-namespaces.yaml',
      'wait crd/widgets.example.com',
      'apply host/10-network.yaml',
      'wait helm-install-calico',
      'apply host/20-certificates.yaml',
      'apply host/30-karmada.yaml',
      'wait statefulset/etcd',
      'wait deployment/karmada-apiserver',
    ]);
    const order = steps(outcome);
    expect(order.lastIndexOf('wait karmada-certificates-01234567')).toBeGreaterThan(
      order.indexOf('apply host/20-certificates.yaml'),
    );
  });

  test('lets workloads come up side by side, and waits for them before a Job that works with them', () => {
    const object = (apiVersion: string, kind: string, name: string) =>
      `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: { name: ${name}, namespace: karmada-system }\nspec: {}\n`;
    const outcome = new Place({
      answers: READY,
      manifests: {
        'host/40-job.yaml': object('batch/v1', 'Job', 'static-resources'),
        'host/50-scheduler.yaml': object('apps/v1', 'Deployment', 'scheduler'),
        'host/60-webhook.yaml': object('apps/v1', 'Deployment', 'webhook'),
      },
    }).run('apply.sh', 'host');
    expect(outcome.status).toBe(0);
    const order = distinct(steps(outcome));
    expect(order.slice(order.indexOf('apply host/30-karmada.yaml'))).toEqual([
      'apply host/30-karmada.yaml',
      'wait statefulset/etcd',
      'wait deployment/karmada-apiserver',
      'wait static-resources',
      'apply host/40-job.yaml',
      'wait static-resources',
      'apply host/50-scheduler.yaml',
      'apply host/60-webhook.yaml',
      'wait deployment/scheduler',
      'wait deployment/webhook',
    ]);
  });

  test('waits until the earlier pods of a Deployment have left, which still answer as they were', () => {
    const { status, calls } = new Place({
      answers: `case $1 in
        *' get job '*) echo Complete ;;
        *' get deployment/karmada-apiserver '*) echo app=karmada-apiserver, ;;
        *' get pods '*) [[ -e $STATE/left ]] || echo 2026-01-01T00:00:00Z; touch "$STATE/left" ;;
      esac`,
    }).run('apply.sh', 'host');
    expect(status).toBe(0);
    const looks = calls.filter((call) => call.includes(' get pods '));
    expect(looks).toHaveLength(2);
    expect(looks[0]).toContain(' -l app=karmada-apiserver ');
  });

  test('applies all bootstrap Jobs before it waits for any, so that hosts come up side by side', () => {
    const outcome = new Place({ answers: READY }).run('apply.sh', 'bootstrap');
    expect(outcome.status).toBe(0);
    const order = steps(outcome);
    const last = order.indexOf('apply bootstrap/20-cloud.yaml');
    expect(order.slice(last + 1)).toContain('wait host-cplane-1-0a1b2c3d');
    expect(order.slice(last + 1)).toContain('wait cloud-node-1-4e5f6a7b');
  });

  test('does not wait for Deployments in Karmada, which only members run', () => {
    const { status, calls } = new Place({ answers: READY }).run('apply.sh', 'karmada');
    expect(status).toBe(0);
    expect(calls.filter((call) => call.includes('rollout'))).toEqual([]);
  });

  test('gives Argo CD its settings before the Applications, which it then syncs itself', () => {
    const config = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\n`;
    const outcome = new Place({
      manifests: {
        'argocd/settings/00-health.yaml': config('argocd-cm'),
        'argocd/applications/10-host.yaml': config('not-applied'),
      },
    }).run('apply.sh', 'argocd');
    expect(outcome.status).toBe(0);
    expect(steps(outcome)).toEqual(['apply argocd/settings/00-health.yaml', 'apply argocd/10-applications.yaml']);
  });

  test('does not wait for an agent, which only starts when the member joins', () => {
    const { status, calls, stderr } = new Place({ answers: READY }).run('apply.sh', 'members/edge');
    expect(status).toBe(0);
    expect(calls.filter((call) => call.includes('rollout')).map((call) => call.replace(/.*status /, ''))).toEqual([
      'daemonset/shim -n kube-system --timeout=600s',
    ]);
    expect(stderr).toContain('karmada-agent starts when scripts/join.sh has given it its kubeconfig');
  });

  test('reaches every target at its own cluster, never at the current context', () => {
    const place = new Place({ answers: READY, env: { KUBECONFIG: '/current' } });
    const { calls } = place.run('apply.sh', 'bootstrap', 'host', 'karmada', 'argocd', 'members');
    const used = calls.map((call) => /--kubeconfig \S*\/kube\/(\S+)\.kubeconfig/.exec(call)?.[1]);
    expect([...new Set(used)]).toEqual(['management', 'host', 'karmada', 'argocd', 'cloud', 'edge']);
  });

  test('says when the federation file has changed since the manifests were made', () => {
    const place = new Place({ answers: READY });
    const text = 'kind: Federation\n';
    const digest = createHash('sha256').update(text).digest('hex');
    place.write('federation.yaml', text);
    place.write(
      'dist/README.md',
      `<!-- Made by serverless-federation from federation.yaml: edit that, not this file. -->\n<!-- made of sha256:${digest} -->\n`,
    );
    expect(place.run('apply.sh', 'karmada').stderr).not.toContain('is older than');
    place.write('federation.yaml', `${text}# changed\n`);
    const { status, stderr } = place.run('apply.sh', 'karmada');
    expect(stderr).toContain("is older than '");
    expect(status).toBe(0);
  });

  test('takes another kubeconfig and context for one cluster', () => {
    const place = new Place({ answers: READY });
    const file = place.write('other', kubeconfig('karmada', 'k'));
    const [call] = place.run('apply.sh', 'karmada', '--kubeconfig', file, '--context=k').calls;
    expect(call).toContain(`kubectl --kubeconfig ${file} --context k `);
    const named = place.run('apply.sh', 'host', 'karmada', '--kubeconfig', `karmada=${file}`).calls;
    expect(named.filter((each) => each.includes(file)).every((each) => !each.includes('dist/host'))).toBe(true);
    expect(named.some((each) => each.includes(file))).toBe(true);
  });

  test('refuses a kubeconfig that may be meant for either of two clusters', () => {
    const { status, stderr } = new Place().run('apply.sh', 'host', 'karmada', '--kubeconfig', '/some/file');
    expect(status).toBe(2);
    expect(stderr).toContain('--kubeconfig host=FILE');
  });

  test('shows the end of the log of a Job that failed, and goes no further', () => {
    const { status, calls, stderr } = new Place({
      answers: `case $1 in
        *' get job helm'*) echo Complete ;;
        *' get job '*) [[ -e $STATE/applied ]] && echo Failed ;;
        *'20-certificates.yaml') touch "$STATE/applied" ;;
        *' logs '*) echo 'openssl: out of primes' ;;
      esac`,
    }).run('apply.sh', 'host');
    expect(status).toBe(1);
    expect(stderr).toContain('openssl: out of primes');
    expect(stderr).toContain('job karmada-system/karmada-certificates-01234567 failed');
    expect(calls.some((call) => call.includes('30-karmada.yaml'))).toBe(false);
  });

  test('starts a Job anew that an earlier run left failed', () => {
    const { status, calls } = new Place({
      answers: `case $1 in
        *' delete job '*) touch "$STATE/deleted" ;;
        *' get job karmada'*) [[ -e $STATE/deleted ]] && echo Complete || echo Failed ;;
        *' get job '*) echo Complete ;;
      esac`,
    }).run('apply.sh', 'host');
    expect(status).toBe(0);
    const deleted = calls.findIndex((call) =>
      call.includes('delete job karmada-certificates-01234567 -n karmada-system'),
    );
    expect(deleted).toBeGreaterThan(-1);
    expect(deleted).toBeLessThan(calls.findIndex((call) => call.includes('20-certificates.yaml')));
  });

  test('says what it has waited for in vain', () => {
    const { status, stderr } = new Place().run('apply.sh', 'bootstrap', '--timeout', '1');
    expect(status).toBe(1);
    expect(stderr).toContain('waited 1s for job serverless-federation/host-cplane-1-0a1b2c3d to complete');
  });

  test('ends with what the server said about a manifest that it does not take', () => {
    const { status, stderr, calls } = new Place({
      answers: `case $1 in *' apply '*) echo 'error: unknown field "spec.x"' >&2; return 1 ;; esac`,
    }).run('apply.sh', 'karmada');
    expect(status).toBe(1);
    expect(stderr).toContain('unknown field "spec.x"');
    expect(stderr).toContain('50-apps.yaml');
    expect(calls.filter((call) => call.includes(' apply '))).toHaveLength(1);
  });

  test('tries again while a webhook has only just started', () => {
    const { status, calls } = new Place({
      answers: `case $1 in
        *' apply '*)
          [[ ! -e $STATE/started ]] || return 0
          touch "$STATE/started"
          echo 'Internal error occurred: failed calling webhook "x": connection refused' >&2
          return 1 ;;
      esac`,
    }).run('apply.sh', 'karmada');
    expect(status).toBe(0);
    expect(calls.filter((call) => call.includes(' apply '))).toHaveLength(2);
  });

  test('prints in a dry run what it would run, and calls nothing', () => {
    const { status, stdout, calls } = new Place({ kubeconfigs: [] }).run('apply.sh', '--dry-run', '--prune', 'host');
    expect(status).toBe(0);
    expect(calls).toEqual([]);
    expect(stdout.split('\n').filter((line) => line.includes(' apply --server-side '))).toHaveLength(4);
    expect(stdout).toContain('# waits for Job karmada-system/karmada-certificates-01234567 to complete');
  });

  test.each([
    [[], 'name a target'],
    [['hosts'], "'hosts' is not a target"],
    [['members/../host'], 'is not a target'],
    [['host', '--frobnicate'], "unknown option '--frobnicate'"],
    [['host', '--timeout', 'soon'], "--timeout 'soon' is not a number of seconds"],
  ])('ends with 2 when misused: %j', (args, message) => {
    const { status, stderr, calls } = new Place().run('apply.sh', ...args);
    expect(status).toBe(2);
    expect(stderr).toContain(message);
    expect(calls).toEqual([]);
  });

  test('tells a target that the federation has nothing for from one that was not synthesized', () => {
    const it = new Place();
    rmSync(join(it.dist, 'argocd'), { recursive: true });
    const before = it.run('apply.sh', 'argocd');
    expect(before.stderr).toContain(`there are no manifests in '${it.dist}/argocd': "npm run synth" makes them`);
    it.write('dist/README.md', '');
    const after = it.run('apply.sh', 'argocd');
    expect(after.stderr).toContain(
      `there are no manifests in '${it.dist}/argocd', for this federation needs none there`,
    );
    expect([before.status, after.status]).toEqual([1, 1]);
  });

  test('says where the kubeconfig is missing', () => {
    const { status, stderr } = new Place({ kubeconfigs: [] }).run('apply.sh', 'host');
    expect(status).toBe(1);
    expect(stderr).toContain("no kubeconfig for cluster 'host'");
    expect(stderr).toContain('--kubeconfig host=FILE');
  });
});

describeWith(['bash', 'kubectl'], 'apply.sh --prune', () => {
  const RESOURCES =
    'configmaps\\nnamespaces\\nsecrets\\nendpoints\\ndeployments.apps\\njobs.batch\\nclusters.cluster.karmada.io';
  /** A server that holds what `fixture/host` holds, and these. */
  function serverWith(ours: string, kept = ''): string {
    return `case $1 in
      *' get job '*) echo Complete ;;
      *' api-resources '*) printf '${RESOURCES}\\n' ;;
      *' get configmaps'*) printf '%s\\n' 'Job batch/v1 karmada-system karmada-certificates-01234567' ${ours} ;;
      *' get namespaces,secrets '*) printf '%s\\n' 'Namespace v1 - karmada-system' ${kept} ;;
    esac`;
  }

  test('deletes what the target holds no more, and nothing else', () => {
    const { status, calls, stderr } = new Place({
      answers: serverWith(
        `'Job batch/v1 karmada-system karmada-certificates-old' 'ConfigMap v1 karmada-system old' 'Widget example.com/v1 - old'`,
      ),
    }).run('apply.sh', '--prune', 'host');
    expect(status).toBe(0);
    expect(calls.filter((call) => call.includes(' delete ')).map((call) => call.replace(/.* delete /, ''))).toEqual([
      'ConfigMap old --namespace karmada-system --ignore-not-found --timeout=600s',
      'Job.batch karmada-certificates-old --namespace karmada-system --ignore-not-found --timeout=600s',
      'Widget.example.com old --ignore-not-found --timeout=600s',
    ]);
    expect(stderr).toContain('pruning ConfigMap karmada-system/old');
  });

  test('looks for objects of this target of this federation alone', () => {
    const { calls } = new Place({ answers: serverWith('') }).run('apply.sh', '--prune', 'host');
    const lists = calls.filter((call) => call.includes('--all-namespaces'));
    expect(lists).toHaveLength(2);
    for (const list of lists) {
      expect(list).toContain('-l serverless-federation.io/federation=fixture,serverless-federation.io/target=host');
    }
    expect(lists[0]).toContain(' get configmaps,deployments.apps,jobs.batch ');
  });

  test('never deletes a namespace or a Secret, but names it', () => {
    const { status, calls, stderr } = new Place({
      answers: serverWith('', `'Namespace v1 - old' 'Secret v1 karmada-system old'`),
    }).run('apply.sh', '--prune', 'host');
    expect(status).toBe(0);
    expect(calls.filter((call) => call.includes(' delete '))).toEqual([]);
    expect(stderr).toContain('kept, though dist/host names it no more: Namespace - old');
    expect(stderr).toContain('kept, though dist/host names it no more: Secret karmada-system old');
    expect(stderr).not.toContain('Namespace - karmada-system');
  });

  test('lists in a dry run what it would delete', () => {
    const { stdout, calls } = new Place({ answers: serverWith(`'ConfigMap v1 karmada-system old'`) }).run(
      'apply.sh',
      '--prune',
      '--dry-run',
      'host',
    );
    expect(stdout).toMatch(/kubectl .* delete ConfigMap old --namespace karmada-system/);
    expect(calls.filter((call) => / (delete|apply) /.test(call))).toEqual([]);
  });

  test('refuses where manifests lack the labels that it knows objects by', () => {
    const { status, stderr, calls } = new Place({
      answers: serverWith(`'ConfigMap v1 karmada-system old'`),
      manifests: { 'host/00-namespaces.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata: { name: karmada-system }\n' },
    }).run('apply.sh', '--prune', 'host');
    expect(status).toBe(1);
    expect(stderr).toContain('--prune knows objects by their labels');
    expect(calls.filter((call) => call.includes(' delete '))).toEqual([]);
  });

  test('deletes nothing where the server cannot be listed', () => {
    const { status, calls } = new Place({
      answers: `case $1 in
        *' get job '*) echo Complete ;;
        *' api-resources '*) echo configmaps ;;
        *--all-namespaces*) echo forbidden >&2; return 1 ;;
      esac`,
    }).run('apply.sh', '--prune', 'host');
    expect(status).not.toBe(0);
    expect(calls.filter((call) => call.includes(' delete '))).toEqual([]);
  });
});

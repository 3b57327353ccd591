import { expect, test } from 'vitest';
import { describeWith, Place } from './run.ts';

/** Answers of a Karmada that knows the member until it is removed. */
const KNOWN = (mode: string) => `case $1 in
  *' get clusters.cluster.karmada.io '*) [[ -e $STATE/gone ]] || printf ${mode} ;;
  'kubectl-karmada '*) touch "$STATE/gone" ;;
esac`;

const ours = (calls: readonly string[]) => calls.filter((call) => call.startsWith('kubectl-karmada'));

describeWith(['bash', 'kubectl'], 'unjoin.sh', () => {
  test('names the context, as upstream would look for one with the name of the member', () => {
    const place = new Place({ answers: KNOWN('Push') });
    const { status, calls } = place.run('unjoin.sh', 'cloud', '--timeout', '90');
    expect(status).toBe(0);
    expect(ours(calls)).toEqual([
      `kubectl-karmada unjoin cloud --kubeconfig ${place.kubeconfigs}/karmada.kubeconfig` +
        ` --cluster-namespace karmada-cluster --wait 90s` +
        ` --cluster-kubeconfig ${place.kubeconfigs}/cloud.kubeconfig --cluster-context default`,
    ]);
  });

  test('unregisters a member that is joined by pull, with its rights in Karmada', () => {
    const place = new Place({ answers: KNOWN('Pull') });
    const { status, calls } = place.run('unjoin.sh', 'edge');
    expect(status).toBe(0);
    expect(ours(calls)).toHaveLength(1);
    expect(ours(calls)[0]).toContain(`unregister edge --karmada-config ${place.kubeconfigs}/karmada.kubeconfig`);
  });

  test('cleans the member and Karmada of what the tool leaves', () => {
    const { calls } = new Place({ answers: KNOWN('Push') }).run('unjoin.sh', 'cloud');
    const deleted = calls.filter((call) => call.includes(' delete ')).join('\n');
    for (const object of [
      'secret/cloud-impersonator',
      'clusterrole/system:karmada:cloud:agent',
      'clusterrole/karmada-controller-manager:karmada-cloud',
      'clusterrolebinding/karmada-impersonator',
      'deployment/karmada-agent',
      'namespace -l karmada.io/system=true,kubernetes.io/metadata.name=karmada-cluster',
    ]) {
      expect(deleted).toContain(object);
    }
    for (const call of deleted.split('\n')) expect(call).toContain('--ignore-not-found');
  });

  test.each(['host', 'karmada', 'management', 'argocd'])('cleans no cluster that is never a member: %s', (cluster) => {
    const { status, calls, stderr } = new Place().run('unjoin.sh', cluster);
    expect(status).toBe(2);
    expect(stderr).toContain(`'${cluster}' is not the name of a member`);
    expect(calls).toEqual([]);
  });

  test('only cleans a member that has left already', () => {
    const place = new Place({ answers: KNOWN('Push') });
    place.run('unjoin.sh', 'cloud');
    const { status, calls, stderr } = place.run('unjoin.sh', 'cloud');
    expect(status).toBe(0);
    expect(stderr).toContain("Karmada does not know 'cloud'");
    expect(ours(calls)).toEqual([]);
    expect(calls.some((call) => call.includes('/cloud.kubeconfig delete '))).toBe(true);
  });

  test('takes out a member that the federation file names no more', () => {
    const { status, calls } = new Place({ answers: KNOWN('Push'), kubeconfigs: ['karmada', 'former'] }).run(
      'unjoin.sh',
      'former',
    );
    expect(status).toBe(0);
    expect(ours(calls)[0]).toContain('unjoin former ');
  });

  test('goes no further where the member cannot be removed', () => {
    const { status, calls } = new Place({
      answers: `case $1 in *' get clusters.'*) printf Push ;; kubectl-karmada*) return 1 ;; esac`,
    }).run('unjoin.sh', 'cloud');
    expect(status).toBe(1);
    expect(calls.filter((call) => call.includes(' delete '))).toEqual([]);
  });

  test('forgets a member that does not answer only when told to', () => {
    const situation = { answers: KNOWN('Push'), kubeconfigs: ['karmada'] };
    expect(new Place(situation).run('unjoin.sh', 'cloud').status).toBe(1);
    const { status, calls, stderr } = new Place(situation).run('unjoin.sh', '--force', 'cloud');
    expect(status).toBe(0);
    expect(ours(calls)[0]).toContain(' --force');
    expect(ours(calls)[0]).not.toContain('--cluster-kubeconfig');
    expect(stderr).toContain("'cloud' was not cleaned");
  });

  test('prints in a dry run what it would run, and calls nothing', () => {
    const { status, stdout, calls } = new Place({ kubeconfigs: [] }).run('unjoin.sh', '--dry-run', 'cloud', 'edge');
    expect(status).toBe(0);
    expect(calls).toEqual([]);
    expect(stdout).toMatch(/^kubectl-karmada unjoin cloud /m);
    expect(stdout).toMatch(/^kubectl-karmada unregister edge /m);
  });
});

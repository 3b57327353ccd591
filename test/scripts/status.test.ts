import { expect, test } from 'vitest';
import { describeWith, Place } from './run.ts';

/** Answers of a federation; what is given replaces what is well. */
function federation({
  components = 'Deployment karmada-system/karmada-apiserver 1 1',
  members = ['cloud Push v1.35.2 True ClusterReady', 'edge Pull v1.35.2 True ClusterReady'],
  placed = ['placed Deployment default/n-body True,True cloud(2)', 'on cloud true Healthy '],
  certificates = ['karmada-system/karmada-ca Jan  1 00:00:00 2100 GMT', 'karmada-system/own '],
} = {}): string {
  const lines = (texts: string[]) => texts.map((text) => `'${text}'`).join(' ');
  return `case $1 in
    *' get deployments,statefulsets '*) printf '%s\\n' '${components}' ;;
    *' get secrets '*) printf '%s\\n' ${lines(certificates)} ;;
    *' get clusters.cluster.karmada.io '*) printf '%s\\n' ${lines(members)} ;;
    *' get resourcebindings.'*) printf '%s\\n' ${lines(placed)} ;;
  esac`;
}

describeWith(['bash', 'kubectl'], 'status.sh', () => {
  test('shows components, members and placements, and that all is well', () => {
    const { status, stdout, stderr } = new Place({ answers: federation() }).run('status.sh');
    expect(status).toBe(0);
    expect(stdout).toMatch(/karmada-system\/karmada-apiserver +1\/1/);
    expect(stdout).toMatch(/cloud +Push +v1\.35\.2 +True/);
    expect(stdout).toMatch(/deployment default\/n-body +True +True +cloud\(2\)/);
    expect(stderr).toContain('all is well');
  });

  test('tells which certificate ends first', () => {
    const certificates = ['a/late Jan  1 00:00:00 2101 GMT', 'a/early Jan  1 00:00:00 2100 GMT'];
    const { status, stdout } = new Place({ answers: federation({ certificates }) }).run('status.sh');
    expect(status).toBe(0);
    expect(stdout).toMatch(/a\/early +Jan +1 00:00:00 2100 GMT/);
    expect(stdout).not.toContain('a/late');
  });

  test('finds well what only goes along with an app, and so has no place of its own', () => {
    const placed = ['placed Secret default/token Along,True cloud', 'on cloud true Unknown '];
    const { status, stdout } = new Place({ answers: federation({ placed }) }).run('status.sh');
    expect(status).toBe(0);
    expect(stdout).toMatch(/secret default\/token +Along +True +cloud/);
  });

  test.each([
    [
      'components',
      { components: 'StatefulSet karmada-system/etcd 1 3' },
      'statefulset karmada-system/etcd has 1 of 3 pods ready',
    ],
    [
      'members',
      { members: ['cloud Push v1.35.2 False ClusterNotReachable', 'edge Pull v1.35.2 True ClusterReady'] },
      'member cloud is not ready: ClusterNotReachable',
    ],
    [
      'members',
      { members: ['cloud Push v1.35.2 True ClusterReady'] },
      'member edge is not joined: run scripts/join.sh edge',
    ],
    [
      'members',
      { members: ['cloud Push v1 True R', 'edge Pull v1 True R', 'former Push v1 True R'] },
      'member former is not in the federation file',
    ],
    [
      'certificates',
      { certificates: ['karmada-system/karmada-server Jan  1 00:00:00 2026 GMT'] },
      'certificate karmada-system/karmada-server ends on Jan',
    ],
    ['placements', { placed: ['placed Secret default/token Along,False cloud'] }, 'token is not on all of its members'],
    ['placements', { placed: ['placed Deployment default/n-body False,'] }, 'deployment default/n-body has no place'],
    [
      'placements',
      { placed: ['placed Deployment default/n-body True, cloud'] },
      'deployment default/n-body is not on all of its members',
    ],
    [
      'placements',
      { placed: ['placed RuntimeClass spin True,True cloud', 'on cloud false Unknown it is there already'] },
      'runtimeclass spin could not be applied to cloud: it is there already',
    ],
    [
      'placements',
      { placed: ['placed Deployment default/n-body True,True cloud', 'on cloud true Unhealthy '] },
      'deployment default/n-body is not healthy on cloud',
    ],
  ])('ends with 1 and the reason where %s are not well: %j', (_, situation, reason) => {
    const { status, stderr } = new Place({ answers: federation(situation) }).run('status.sh');
    expect(status).toBe(1);
    expect(stderr).toContain(reason);
    expect(stderr).not.toContain('all is well');
  });

  test('ends with 1 where a cluster does not answer, and shows the others', () => {
    const { status, stdout, stderr } = new Place({
      answers: `case $1 in */host.kubeconfig*) echo 'no route to host' >&2; return 1 ;; esac\n${federation()}`,
    }).run('status.sh');
    expect(status).toBe(1);
    expect(stderr).toContain('the host does not answer');
    expect(stdout).toMatch(/cloud +Push/);
  });

  test("asks for what is this federation's alone", () => {
    const { calls } = new Place({ answers: federation() }).run('status.sh');
    expect(calls[0]).toContain('-l serverless-federation.io/federation=fixture');
  });
});

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { HealthChecks } from '../../constructs/gitops/health-checks.ts';
import { Manifests } from '../../constructs/manifests.ts';

/** Lua 5.1 is what Argo CD runs the checks with (gopher-lua). */
const LUA = 'lua5.1';
const NEEDS = `${LUA} (Debian: 'apt-get install ${LUA}')`;
const hasLua = (() => {
  try {
    execFileSync(LUA, ['-v'], { stdio: 'pipe' });
    return true;
  } catch {
    return false;
  }
})();

const folder = mkdtempSync(join(tmpdir(), 'serverless-federation-health.'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// The functions that Argo CD opens: no string library, no io (util/lua/lua.go).
const runner = join(folder, 'runner.lua');
writeFileSync(
  runner,
  `local obj = dofile(arg[1])
local check = assert(loadfile(arg[2]))
setfenv(check, { obj = obj, ipairs = ipairs, pairs = pairs, tostring = tostring, tonumber = tonumber, type = type, next = next, table = table })
local health = check()
print(health.status)
print(health.message)
`,
);

function toLua(value: unknown): string {
  if (Array.isArray(value)) return `{${value.map(toLua).join(', ')}}`;
  if (value !== null && typeof value === 'object') {
    return `{${Object.entries(value)
      .map(([key, inner]) => `[${JSON.stringify(key)}] = ${toLua(inner)}`)
      .join(', ')}}`;
  }
  return JSON.stringify(value);
}

/** `Status: message` of an object, by the check of this name. */
function health(check: string, object: object): string {
  const data = join(folder, 'object.lua');
  writeFileSync(data, `return ${toLua(object)}`);
  const script = new URL(`../../constructs/gitops/health/${check}.lua`, import.meta.url).pathname;
  const [status, message] = execFileSync(LUA, [runner, data, script], { encoding: 'utf8' }).trim().split('\n');
  return `${status}: ${message}`;
}

test('argocd-cm holds our keys alone, with the label by which Argo CD finds it', () => {
  const chart = new Manifests({ labels: { 'app.kubernetes.io/part-of': 'edge-cloud' } }).file('argocd', 'argocd-cm');
  new HealthChecks(chart, 'health', { namespace: 'argocd' });

  const [config, ...others] = chart.toJson();
  expect(others).toEqual([]);
  expect(config).toMatchObject({ kind: 'ConfigMap', metadata: { name: 'argocd-cm', namespace: 'argocd' } });
  expect(config.metadata.labels).toEqual({ 'app.kubernetes.io/part-of': 'argocd' });
  expect(Object.keys(config.data)).toEqual([
    'resource.customizations.health.argoproj.io_Application',
    'resource.customizations.health.core.spinkube.dev_SpinApp',
    'resource.customizations.health.work.karmada.io_ClusterResourceBinding',
    'resource.customizations.health.work.karmada.io_ResourceBinding',
  ]);
  expect(config.data['resource.customizations.health.core.spinkube.dev_SpinApp']).toBe(
    readFileSync(new URL('../../constructs/gitops/health/spin-app.lua', import.meta.url), 'utf8'),
  );
});

if (!hasLua) {
  test.skipIf(process.env.CI !== 'true')(`health checks in Lua: needs ${NEEDS}`, () => {
    throw new Error(`CI must have ${NEEDS}`);
  });
}

describe.runIf(hasLua)('bindings of Karmada', () => {
  const binding = (spec: object, status?: object) => health('resource-binding', { spec, ...(status && { status }) });
  const clusters = [{ name: 'edge' }, { name: 'cloud' }];
  const item = (clusterName: string, more: object = {}) => ({ clusterName, applied: true, health: 'Healthy', ...more });

  test('progress until they are scheduled', () => {
    expect(binding({})).toBe('Progressing: waiting to be scheduled');
    expect(binding({ clusters: [] }, { aggregatedStatus: [] })).toBe('Progressing: waiting to be scheduled');
  });

  test('are degraded with the reason of the scheduler when no cluster fits', () => {
    const conditions = [{ type: 'Scheduled', status: 'False', message: '0/2 clusters are available' }];

    expect(binding({}, { conditions })).toBe('Degraded: 0/2 clusters are available');
  });

  test('progress until every cluster has its copy, then are healthy', () => {
    expect(binding({ clusters })).toBe('Progressing: in 0 of 2 clusters');
    expect(binding({ clusters }, { aggregatedStatus: [item('edge')] })).toBe('Progressing: in 1 of 2 clusters');
    expect(binding({ clusters }, { aggregatedStatus: [item('edge'), item('cloud')] })).toBe('Healthy: in 2 clusters');
  });

  test('are degraded when a cluster refuses its copy or the copy is unhealthy', () => {
    const refused = item('cloud', {
      applied: false,
      health: 'Unknown',
      appliedMessage: 'no matches for kind "SpinApp"',
    });

    expect(binding({ clusters }, { aggregatedStatus: [item('edge'), refused] })).toBe(
      'Degraded: cloud: no matches for kind "SpinApp"',
    );
    expect(binding({ clusters }, { aggregatedStatus: [item('edge', { health: 'Unhealthy' })] })).toBe(
      'Degraded: edge: unhealthy',
    );
  });

  test('are healthy with copies of unknown health, for most kinds have none', () => {
    const aggregatedStatus = [item('edge', { health: 'Unknown' }), item('cloud')];

    expect(binding({ clusters }, { aggregatedStatus })).toBe('Healthy: in 2 clusters');
  });

  test('that follow another one are healthy where that is', () => {
    const requiredBy = [
      { name: 'app', clusters },
      { name: 'other', clusters: [{ name: 'edge' }] },
    ];

    expect(binding({ requiredBy }, { aggregatedStatus: [item('edge')] })).toBe('Progressing: in 1 of 2 clusters');
    expect(binding({ requiredBy }, { aggregatedStatus: [item('edge'), item('cloud')] })).toBe('Healthy: in 2 clusters');
  });

  test('do not mind a cluster that they have left', () => {
    const aggregatedStatus = [item('edge'), item('cloud'), item('gone', { health: 'Unhealthy' })];

    expect(binding({ clusters }, { aggregatedStatus })).toBe('Healthy: in 2 clusters');
  });

  test('are suspended when somebody has suspended them', () => {
    expect(binding({ clusters, suspension: { dispatching: true } })).toBe('Suspended: propagation is suspended');
  });
});

describe.runIf(hasLua)('SpinApps', () => {
  const app = (spec: object, status?: object) => health('spin-app', { metadata: {}, spec, ...(status && { status }) });

  test('progress until all replicas are ready', () => {
    expect(app({ replicas: 2 })).toBe('Progressing: 0 of 2 replicas are ready');
    expect(app({ replicas: 2 }, { readyReplicas: 1 })).toBe('Progressing: 1 of 2 replicas are ready');
    expect(app({ replicas: 2 }, { readyReplicas: 2 })).toBe('Healthy: 2 replicas are ready');
    expect(app({ replicas: 0 }, { readyReplicas: 0 })).toBe('Healthy: 0 replicas are ready');
  });

  test('that an autoscaler scales need one', () => {
    expect(app({ enableAutoscaling: true })).toBe('Progressing: 0 of 1 replicas are ready');
    expect(app({ enableAutoscaling: true }, { readyReplicas: 7 })).toBe('Healthy: 7 replicas are ready');
  });

  test('are degraded when the rollout does not go on', () => {
    const conditions = [
      { type: 'Available', status: 'False', message: 'no' },
      { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: 'timed out' },
    ];

    expect(app({ replicas: 1 }, { conditions })).toBe('Degraded: timed out');
  });

  test('progress while they are deleted', () => {
    const metadata = { deletionTimestamp: '2026-01-01T00:00:00Z' };

    expect(health('spin-app', { metadata, spec: { replicas: 1 }, status: { readyReplicas: 1 } })).toMatch(
      /^Progressing/,
    );
  });
});

describe.runIf(hasLua)('Applications', () => {
  const application = (object: object) => health('application', { metadata: {}, ...object });

  test('fare as their objects do, so that a wave waits for them', () => {
    expect(application({})).toMatch(/^Progressing:/);
    expect(application({ status: { health: { status: 'Degraded', message: 'etcd' } } })).toBe('Degraded: etcd');
    expect(application({ status: { health: { status: 'Healthy' } } })).toMatch(/^Healthy:/);
  });

  test('that nothing waits for never hold up a sync', () => {
    const metadata = { annotations: { 'serverless-federation.io/waited-for': 'false' } };

    expect(application({ metadata, status: { health: { status: 'Unknown' } } })).toBe('Healthy: is not waited for');
  });
});

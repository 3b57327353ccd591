import { describe, expect, test } from 'vitest';
import { controlPlaneParts } from '../../constructs/karmada/control-plane.ts';
import { karmada } from '../../constructs/spec/karmada.ts';
import { controlPlane, everything, externalEtcd } from './control-planes.ts';
import { find, names, pod, synth } from './objects.ts';

describe('the parts of a control plane', () => {
  test('are files in the order of their names', () => {
    const files = controlPlaneParts(everything).map(({ file }) => file);
    expect(files).toEqual([...files].sort());
    expect(new Set(files).size).toBe(files.length);
    expect(files).toContain('30-karmada-etcd');
  });

  test('together are the whole control plane', () => {
    const parts = synth((scope) => {
      for (const part of controlPlaneParts(everything)) part.add(scope);
    });
    expect(parts).toEqual(controlPlane(everything));
  });

  test('have Jobs that are found by their name without its hash', () => {
    const jobs = controlPlane().filter(({ kind }) => kind === 'Job');
    expect(jobs.map(({ metadata }) => metadata.labels?.['app.kubernetes.io/name'])).toEqual([
      'karmada-certificates',
      'karmada-static-resources',
    ]);
  });

  test('are what the file says, without a word about them', () => {
    const { schedulerEstimator: _, ...asGiven } = karmada.parse({});
    expect(controlPlane(asGiven)).toEqual(controlPlane());
  });

  test('leave out what the file does not ask for', () => {
    expect(names(controlPlane(), 'Deployment')).toEqual([
      'karmada-apiserver',
      'karmada-aggregated-apiserver',
      'karmada-kube-controller-manager',
      'karmada-controller-manager',
      'karmada-scheduler',
      'karmada-webhook',
    ]);
    expect(names(controlPlane({ etcd: { external: externalEtcd } }), 'StatefulSet')).toEqual([]);
  });
});

test('search is alive and ready as soon as it serves, before the informers that ask search itself', () => {
  const { livenessProbe, readinessProbe } = pod(find(controlPlane(everything), 'Deployment', 'karmada-search'))
    .containers[0];
  // Other paths a kubelet, which shows no certificate, may not ask for.
  const probes = { '/livez': livenessProbe, '/readyz': readinessProbe };
  for (const [expected, { httpGet }] of Object.entries(probes)) {
    const { pathname, searchParams } = new URL(httpGet.path, 'https://karmada-search');
    expect(pathname).toBe(expected);
    expect(searchParams.getAll('exclude')).toEqual([
      'poststarthook/start-karmada-informers',
      'poststarthook/start-karmada-search-controller',
    ]);
  }
});

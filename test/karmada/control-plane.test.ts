import { Testing } from 'cdk8s';
import { expect, test } from 'vitest';
import { KarmadaControlPlane, type KarmadaControlPlaneProps } from '../../constructs/karmada/control-plane.ts';
import { type Karmada, karmada } from '../../constructs/spec/karmada.ts';

export const ALL: KarmadaControlPlaneProps = {
  schedulerEstimator: { members: ['edge-1', 'edge-2'] },
  descheduler: {},
  search: {},
  metricsAdapter: {},
};

const synth = (props: KarmadaControlPlaneProps = {}) => {
  const chart = Testing.chart();
  new KarmadaControlPlane(chart, 'karmada', props);
  return Testing.synth(chart) as any[];
};

test('what the file says is what the constructs take', () => {
  const props: KarmadaControlPlaneProps = karmada.parse({}) satisfies Karmada;
  expect(synth(props).length).toBe(synth().length);
});

import { KarmadaControlPlane, type KarmadaControlPlaneProps } from '../../constructs/karmada/control-plane.ts';
import { type Manifest, synth } from './objects.ts';

/** A control plane with all components that are optional. */
export const everything: KarmadaControlPlaneProps = {
  etcd: { replicas: 3 },
  schedulerEstimator: { members: [{ name: 'edge-1' }, { name: 'edge-2', replicas: 2 }] },
  descheduler: {},
  search: {},
  metricsAdapter: {},
};

export const externalEtcd = {
  endpoints: ['https://10.0.0.11:2379', 'https://10.0.0.12:2379'],
  secretName: 'our-etcd',
};

/** The objects of a control plane. */
export function controlPlane(props: KarmadaControlPlaneProps = {}): Manifest[] {
  return synth((scope) => new KarmadaControlPlane(scope, 'karmada', props));
}

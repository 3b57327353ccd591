import type { Obj } from '../harness/api.ts';

const [one, other] = [{ clusters: ['us-azure'] }, { clusters: ['de-wide'] }];
const [karmadaOne, karmadaOther] = [{ clusterNames: ['us-azure'] }, { clusterNames: ['de-wide'] }];
/** Placements that Karmada's webhook refuses: what a federation file says for each, and what a policy would. */
export const refusals: readonly { name: string; placement: Obj; karmada: Obj }[] = [
  {
    name: 'regions to spread over without a word on clusters',
    placement: { spread: [{ by: 'region' }] },
    karmada: { spreadConstraints: [{ spreadByField: 'region', minGroups: 1 }] },
  },
  {
    name: 'more groups at least than at most',
    placement: { spread: [{ by: 'cluster', min: 3, max: 2 }] },
    karmada: { spreadConstraints: [{ spreadByField: 'cluster', minGroups: 3, maxGroups: 2 }] },
  },
  {
    name: 'a choice of members beside groups',
    placement: { ...one, groups: [{ name: 'a', ...other }] },
    karmada: { clusterAffinity: karmadaOne, clusterAffinities: [{ affinityName: 'a', ...karmadaOther }] },
  },
  {
    name: 'two groups of one name',
    placement: {
      groups: [
        { name: 'a', ...one },
        { name: 'a', ...other },
      ],
    },
    karmada: {
      clusterAffinities: [
        { affinityName: 'a', ...karmadaOne },
        { affinityName: 'a', ...karmadaOther },
      ],
    },
  },
  {
    name: 'a toleration that compares numbers',
    placement: { tolerations: [{ key: 'site', operator: 'Gt', value: '1', effect: 'NoSchedule' }] },
    karmada: { clusterTolerations: [{ key: 'site', operator: 'Gt', value: '1', effect: 'NoSchedule' }] },
  },
  {
    name: 'apps to keep both together and apart by one label',
    placement: { workloadAffinity: { affinity: 'group', antiAffinity: 'group' } },
    karmada: {
      workloadAffinity: { affinity: { groupByLabelKey: 'group' }, antiAffinity: { groupByLabelKey: 'group' } },
    },
  },
];

import type { PageData } from '../../page/data.ts';
import type { KubeObject } from '../../simulation/kubernetes.ts';
import type { FederationOutlook } from '../outlook.ts';

/** What the page shows of a federation. Values of Secrets are left out: a page is passed on. */
export function pageData({ input, spec }: FederationOutlook): PageData {
  const objects = input.objects.map(withoutSecret);
  if (spec === undefined) return { name: 'Placements', facts: [], input: { ...input, objects } };
  const { name, vpn, controlPlane, members } = spec;
  return {
    name,
    central: { ...(controlPlane.address && { address: controlPlane.address }), vpn: controlPlane.vpn },
    ...(vpn && { vpn: vpn.provider }),
    facts: members.map(({ name, vpn, runtimes }) => ({ name, vpn, runtimes })),
    input: { ...input, objects },
  };
}

function withoutSecret(object: KubeObject): KubeObject {
  if (object.kind !== 'Secret') return object;
  const { data, stringData, ...rest } = object;
  // What kubectl keeps of the last apply holds them, too.
  const { 'kubectl.kubernetes.io/last-applied-configuration': _, ...annotations } = object.metadata.annotations ?? {};
  return { ...rest, metadata: { ...object.metadata, annotations } } as KubeObject;
}

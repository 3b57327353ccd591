import { list, type Report } from '../faults.ts';
import { clustersOf, type FederationSpec } from '../federation.ts';
import { settingPath } from './settings.ts';

/** What another name stands for: containerd knows Docker Hub by this one alone. */
const HUB = 'docker.io';
const OTHERS_OF_HUB = ['index.docker.io', 'registry.hub.docker.com', 'hub.docker.com'];

/** Registries that nothing is pulled from under the name that the file gives them. */
export function checkRegistries(spec: FederationSpec, report: Report): void {
  const ofImages = spec.apps.flatMap(({ image, container }) => [image, container?.image ?? '']).map(hostOf);
  const told = new Set<string>();
  for (const { cluster, path } of clustersOf(spec)) {
    if (cluster.hosts.length === 0) continue;
    const { mirrors, configs } = cluster.k3s.registries;
    const warn = (keys: string[], message: string) => {
      const place = settingPath(spec, cluster, path, 'k3s', 'registries', ...keys);
      if (!told.has(place.join())) report.warn(place, message);
      told.add(place.join());
    };
    for (const name of Object.keys(mirrors)) {
      if (OTHERS_OF_HUB.includes(name))
        warn(['mirrors', name], `mirrors nothing: images of Docker Hub are those of '${HUB}'`);
    }
    const endpoints = Object.values(mirrors).flatMap((mirror) =>
      mirror.endpoints.map((url) => hostOf(url.replace(/^https?:\/\//, ''))),
    );
    const asked = new Set([...Object.keys(mirrors), ...endpoints, ...ofImages]);
    for (const name of Object.keys(configs)) {
      const meant = [...asked].filter((other) => other !== '' && withoutPort(other) === withoutPort(name));
      if (asked.has(name) || meant.length === 0) continue;
      warn(['configs', name], `is asked for nothing: a port is part of the name, and the file has ${list(meant)}`);
    }
  }
}

/** The registry in a reference or a URL without scheme, with its port. */
function hostOf(reference: string): string {
  const [host = '', ...more] = reference.split('/');
  return more.length > 0 || reference.includes(':') ? host : reference;
}

function withoutPort(host: string): string {
  return host.replace(/:\d+$/, '');
}

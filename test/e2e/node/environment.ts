import type { Api, Obj } from '../harness/api.ts';

/** Value of a downward API field. */
export function field(pod: Obj, path: string): string {
  const [, map, key] = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path) ?? [];
  if (map && key) return pod.metadata[map]?.[key] ?? '';
  switch (path) {
    case 'metadata.labels':
    case 'metadata.annotations': {
      const all = Object.entries(pod.metadata[path.slice('metadata.'.length)] ?? {});
      return all.map(([key, value]) => `${key}=${JSON.stringify(value)}\n`).join('');
    }
    case 'metadata.name':
    case 'metadata.namespace':
    case 'metadata.uid':
      return pod.metadata[path.slice('metadata.'.length)];
    case 'spec.nodeName':
    case 'spec.serviceAccountName':
      return pod.spec[path.slice('spec.'.length)];
    case 'status.podIP':
    case 'status.podIPs':
      return pod.status.podIP;
    case 'status.hostIP':
      return pod.status.hostIP;
    default:
      throw new Error(`field "${path}" is not simulated`);
  }
}

const imagePath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The environment of a container. Throws while something it is taken from is not there. */
export async function makeEnvironment(
  api: Api,
  pod: Obj,
  container: Obj,
  services: Readonly<Record<string, string>>,
): Promise<Record<string, string>> {
  const { namespace } = pod.metadata;
  const env: Record<string, string> = { PATH: imagePath, HOME: '/', HOSTNAME: pod.metadata.name, ...services };
  const values = async (kind: string, name: string, optional = false): Promise<Record<string, string>> => {
    const object = await api.find(`/api/v1/namespaces/${namespace}/${kind}/${name}`);
    if (!object && !optional) throw new Error(`${kind} "${name}" is not there`);
    const entries = Object.entries<string>(object?.data ?? {});
    return Object.fromEntries(
      entries.map(([key, value]) => [key, kind === 'secrets' ? Buffer.from(value, 'base64').toString() : value]),
    );
  };
  for (const { prefix = '', configMapRef, secretRef } of container.envFrom ?? []) {
    const ref = configMapRef ?? secretRef;
    const all = await values(configMapRef ? 'configmaps' : 'secrets', ref.name, ref.optional);
    for (const [key, value] of Object.entries(all)) env[prefix + key] = value;
  }
  for (const { name, value, valueFrom } of container.env ?? []) {
    if (!valueFrom) {
      env[name] = expand(value ?? '', env);
      continue;
    }
    if (valueFrom.fieldRef) {
      env[name] = field(pod, valueFrom.fieldRef.fieldPath);
      continue;
    }
    const ref = valueFrom.configMapKeyRef ?? valueFrom.secretKeyRef;
    if (!ref) throw new Error(`environment variable "${name}": ${Object.keys(valueFrom).join(', ')} is not simulated`);
    const all = await values(valueFrom.configMapKeyRef ? 'configmaps' : 'secrets', ref.name, ref.optional);
    const found = all[ref.key];
    if (found !== undefined) env[name] = found;
    else if (!ref.optional) throw new Error(`environment variable "${name}": "${ref.name}" has no key "${ref.key}"`);
  }
  return env;
}

/** `$(NAME)` becomes the variable, `$$(NAME)` becomes `$(NAME)`, an unknown name stays as it is. */
export function expand(text: string, env: Readonly<Record<string, string>>): string {
  return text.replace(/\$(\$?)\(([^()]+)\)/g, (all, escaped, name) => (escaped ? all.slice(1) : (env[name] ?? all)));
}

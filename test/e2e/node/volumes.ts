import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Api, Obj } from '../harness/api.ts';
import { field } from './environment.ts';

/**
 * Makes the folders that a pod's volumes are, below `folder`, and returns them by volume name.
 * Throws while a Secret, ConfigMap or claim that a volume needs is not there; the caller tries again.
 */
export async function makeVolumes(api: Api, pod: Obj, folder: string, disks: string): Promise<Map<string, string>> {
  const volumes = new Map<string, string>();
  for (const volume of pod.spec.volumes ?? []) {
    const path = join(folder, volume.name);
    volumes.set(volume.name, await makeVolume(api, pod, volume, path, disks));
  }
  return volumes;
}

async function makeVolume(api: Api, pod: Obj, volume: Obj, path: string, disks: string): Promise<string> {
  const { namespace } = pod.metadata;
  const owner = pod.spec.securityContext?.fsGroup as number | undefined;
  if (volume.emptyDir) {
    mkdirSync(path, { recursive: true });
    chmodSync(path, 0o777);
    return path;
  }
  if (volume.hostPath) return disk(join(disks, 'hostPath', volume.hostPath.path), owner, 0o755);
  if (volume.persistentVolumeClaim) {
    const { claimName } = volume.persistentVolumeClaim;
    const claim = await need(api, `/api/v1/namespaces/${namespace}/persistentvolumeclaims/${claimName}`);
    if (claim.status?.phase !== 'Bound') throw new Error(`PersistentVolumeClaim "${claimName}" is not bound`);
    return disk(join(disks, 'claims', namespace, claimName), owner, 0o777);
  }
  const files = new Map<string, File>();
  const mode = (volume.secret ?? volume.configMap ?? volume.projected)?.defaultMode ?? 0o644;
  for (const source of sourcesOf(volume)) {
    for (const [name, file] of await filesOf(api, pod, source, mode)) files.set(name, file);
  }
  writeFiles(path, files, owner);
  return path;
}

const sourcesOf = (volume: Obj): Obj[] => (volume.projected ? volume.projected.sources : [volume]);

/** Objects that a volume shows, as `secrets/NAME` or `configmaps/NAME` of the pod's namespace. */
const shownBy = (volume: Obj): string[] =>
  sourcesOf(volume).flatMap(({ secret, configMap }) => {
    if (secret) return [`secrets/${secret.secretName ?? secret.name}`];
    return configMap ? [`configmaps/${configMap.name}`] : [];
  });

/**
 * Brings the volumes of a running pod up to date, as kubelet does it now and then.
 * @param changed Objects that have changed, as `secrets/NAME` or `configmaps/NAME`.
 */
export async function refreshVolumes(api: Api, pod: Obj, folder: string, changed: ReadonlySet<string>): Promise<void> {
  for (const volume of pod.spec.volumes ?? []) {
    if (shownBy(volume).some((object) => changed.has(object))) {
      await makeVolume(api, pod, volume, join(folder, volume.name), '');
    }
  }
}

/** Writes files as kubelet does: links into a folder that is replaced at once, so that all of them change together. */
function writeFiles(path: string, files: ReadonlyMap<string, File>, owner: number | undefined): void {
  const current = join(path, '..data');
  const previous = existsSync(current) ? readlinkSync(current) : undefined;
  const next = `..${process.hrtime.bigint()}`;
  mkdirSync(join(path, next), { recursive: true, mode: 0o755 });
  for (const [name, file] of files) {
    const target = join(path, next, name);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, file.data);
    if (owner !== undefined) chownSync(target, 0, owner);
    chmodSync(target, owner === undefined ? file.mode : file.mode | 0o440);
  }
  symlinkSync(next, `${current}_tmp`);
  renameSync(`${current}_tmp`, current);
  const tops = new Set([...files.keys()].map((name) => name.split('/')[0] as string));
  for (const top of readdirSync(path)) if (!top.startsWith('..') && !tops.has(top)) rmSync(join(path, top));
  for (const top of tops) if (!existsSync(join(path, top))) symlinkSync(join('..data', top), join(path, top));
  if (previous) rmSync(join(path, previous), { recursive: true });
}

interface File {
  readonly data: Buffer;
  readonly mode: number;
}

async function filesOf(api: Api, pod: Obj, source: Obj, mode: number): Promise<Map<string, File>> {
  const { namespace } = pod.metadata;
  const files = new Map<string, File>();
  const add = (name: string, data: Buffer, itemMode = mode) => files.set(name, { data, mode: itemMode });

  const named = source.secret ?? source.configMap;
  if (named) {
    const [kind, name] = source.secret ? ['secrets', named.secretName ?? named.name] : ['configmaps', named.name];
    const path = `/api/v1/namespaces/${namespace}/${kind}/${name}`;
    const object = named.optional ? await api.find(path) : await need(api, path);
    const data = contents(object);
    const items = named.items ?? [...data.keys()].map((key) => ({ key, path: key }));
    for (const item of items) {
      const value = data.get(item.key);
      if (value) add(item.path, value, item.mode);
      else if (!named.optional) throw new Error(`${kind} "${name}" has no key "${item.key}"`);
    }
  } else if (source.serviceAccountToken) {
    const { audience, expirationSeconds, path } = source.serviceAccountToken;
    const account = `/api/v1/namespaces/${namespace}/serviceaccounts/${pod.spec.serviceAccountName ?? 'default'}`;
    const request = await api.create(`${account}/token`, {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: {
        audiences: audience ? [audience] : undefined,
        expirationSeconds,
        boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: pod.metadata.name, uid: pod.metadata.uid },
      },
    });
    add(path, Buffer.from(request.status.token), 0o644);
  } else if (source.downwardAPI) {
    for (const item of source.downwardAPI.items)
      add(item.path, Buffer.from(field(pod, item.fieldRef.fieldPath)), item.mode);
  } else {
    throw new Error(`a volume of this kind is not simulated: ${Object.keys(source).join(', ')}`);
  }
  return files;
}

function contents(object: Obj | undefined): Map<string, Buffer> {
  const decode = (text: string) => Buffer.from(text, 'base64');
  const all = new Map<string, Buffer>();
  for (const [key, value] of Object.entries<string>(object?.data ?? {})) {
    all.set(key, object.kind === 'Secret' ? decode(value) : Buffer.from(value));
  }
  for (const [key, value] of Object.entries<string>(object?.binaryData ?? {})) all.set(key, decode(value));
  return all;
}

export async function need(api: Api, path: string): Promise<Obj> {
  const object = await api.find(path);
  if (!object) throw new Error(`not there: ${path}`);
  return object;
}

function disk(path: string, owner: number | undefined, mode: number): string {
  mkdirSync(path, { recursive: true });
  if (owner !== undefined) chownSync(path, 0, owner);
  chmodSync(path, owner === undefined ? mode : mode | 0o2775);
  return path;
}

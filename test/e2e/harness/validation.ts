import { readFileSync } from 'node:fs';
import { loadAll } from 'js-yaml';
import { type Api, ApiError, type Obj } from './api.ts';

export interface Refusal {
  readonly file: string;
  readonly object: string;
  readonly why: string;
}

/**
 * Sends every object to the API server by server-side apply, as a dry run with strict field validation: unknown and
 * doubled fields, wrong types, and what validation of the kind finds are refusals.
 * Namespaces are made for real, since objects of a namespace that is not there are refused even in a dry run.
 */
export async function validate(api: Api, files: readonly string[]): Promise<{ accepted: number; refused: Refusal[] }> {
  const resources = await discover(api);
  const objects = files.flatMap((file) =>
    loadAll(readFileSync(file, 'utf8'))
      .filter((object) => object)
      .map((object) => ({ file, object: object as Obj })),
  );
  const namespaces = new Set<string>();
  for (const { object } of objects) {
    namespaces.add(object.kind === 'Namespace' ? object.metadata.name : (object.metadata?.namespace ?? 'default'));
  }
  for (const name of namespaces) {
    const path = '/api/v1/namespaces';
    if (await api.find(`${path}/${name}`)) continue;
    await api.create(path, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
  let accepted = 0;
  const refused: Refusal[] = [];
  for (const { file, object } of objects) {
    const { apiVersion, kind, metadata } = object;
    const id = `${kind} "${metadata?.name}"`;
    const resource = resources.get(`${apiVersion} ${kind}`);
    if (!resource) {
      refused.push({ file, object: id, why: `the server knows no ${kind} of ${apiVersion}` });
      continue;
    }
    const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const namespace = resource.namespaced ? `/namespaces/${metadata.namespace ?? 'default'}` : '';
    const query = 'dryRun=All&fieldValidation=Strict&fieldManager=e2e&force=true';
    try {
      await api.call(
        'PATCH',
        `${root}${namespace}/${resource.name}/${encodeURIComponent(metadata.name)}?${query}`,
        object,
        'application/apply-patch+yaml',
      );
      accepted++;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      refused.push({ file, object: id, why: error.message });
    }
  }
  return { accepted, refused };
}

interface Resource {
  readonly name: string;
  readonly namespaced: boolean;
}

async function discover(api: Api): Promise<Map<string, Resource>> {
  const groups = await api.call('GET', '/apis');
  const versions: string[] = groups.groups.flatMap((group: Obj) => group.versions.map((one: Obj) => one.groupVersion));
  const found = new Map<string, Resource>();
  for (const version of ['v1', ...versions]) {
    const list = await api.call('GET', version === 'v1' ? '/api/v1' : `/apis/${version}`);
    for (const resource of list.resources) {
      if (!resource.name.includes('/')) found.set(`${version} ${resource.kind}`, resource);
    }
  }
  return found;
}

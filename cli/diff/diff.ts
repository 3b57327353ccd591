import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { KubeObject } from '../../simulation/kubernetes.ts';
import { colours } from '../colours.ts';
import { Failure } from '../failure.ts';
import { foldersIn } from '../files.ts';
import { distFolder } from '../here.ts';
import { Misuse } from '../misuse.ts';
import { type Access, type AccessOptions, accessTo, checkClusters } from '../servers/access.ts';
import { ApiServer } from '../servers/api-server.ts';
import { patchOf } from './compare.ts';
import { staleIn } from './stale.ts';
import { objectsOf, type Target, targetsOf } from './targets.ts';

/** Options of `diff`, as its help tells them. */
export interface DiffOptions extends AccessOptions {
  readonly output?: 'json';
  readonly dist?: string;
  readonly timeout: string;
  readonly forceConflicts?: boolean;
  readonly prune: boolean;
}

/** What would happen to one object. */
interface Change {
  readonly action: 'create' | 'change' | 'delete' | 'keep';
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  /** Why it is shown as its manifest has it, and not as the server would. */
  readonly note?: string;
  /** Lines as of `diff -u`. */
  readonly patch: readonly string[];
}

/** What would happen on one server, and what can't be told. */
interface Outcome {
  readonly target: string;
  readonly changes: readonly Change[];
  readonly faults: readonly string[];
}

const FIELD_MANAGER = 'serverless-federation';

/** Servers that are asked at a time, and objects of one. */
const SERVERS = 4;
const OBJECTS = 8;

/**
 * Prints what an apply would change on the live servers, and sets the exit status of `kubectl diff`.
 *
 * @throws Misuse for wrong options.
 * @throws Failure where there is nothing to compare.
 */
export async function diff(names: readonly string[], options: DiffOptions): Promise<void> {
  if (!/^[1-9]\d{0,5}$/.test(options.timeout))
    throw new Misuse(`--timeout '${options.timeout}' is not a number of seconds`, 'diff');
  const dist = distFolder(options.dist);
  checkClusters(options, foldersIn(join(dist, 'members')), 'diff');
  const targets = targetsOf(dist, names);
  const clusters = new Set(targets.map(({ cluster }) => cluster));
  const wanted = targets
    .map((target) => ({ target, access: accessTo(target.cluster, options, clusters.size === 1, 'diff') }))
    .filter(({ target, access }) => names.length > 0 || target.name !== 'bootstrap' || existsSync(access.file));
  const outcomes = await inParallel(SERVERS, wanted, ({ target, access }) => compare(target, access, dist, options));
  if (options.output === 'json') console.log(JSON.stringify({ targets: outcomes }, undefined, 2));
  else process.stdout.write(outcomes.map(textOf).join(''));
  for (const { target, faults } of outcomes) for (const fault of faults) console.error(`${target}: ${fault}`);
  const differs = outcomes.some(({ changes }) => changes.some(({ action }) => action !== 'keep'));
  process.exitCode = outcomes.some(({ faults }) => faults.length > 0) ? 2 : differs ? 1 : 0;
}

async function compare(target: Target, access: Access, dist: string, options: DiffOptions): Promise<Outcome> {
  const faults: string[] = [];
  const changes: Change[] = [];
  let server: ApiServer | undefined;
  try {
    const objects = objectsOf(dist, target);
    server = await ApiServer.connect(access, Number(options.timeout) * 1000, target.cluster);
    const stale = options.prune ? staleIn(target, access, dist, Number(options.timeout)) : Promise.resolve([]);
    // What it fails with is told when it is awaited, below.
    stale.catch(() => {});
    const asked = server;
    const judged = await inParallel(OBJECTS, objects, (object) =>
      changeOf(asked, object, objects, options).catch((error: Error) => {
        faults.push(`${title(refOf(object))}: ${error.message}`);
        return undefined;
      }),
    );
    changes.push(...judged.filter((change) => change !== undefined));
    for (const { kept, ...ref } of await stale) changes.push({ action: kept ? 'keep' : 'delete', ...ref, patch: [] });
  } catch (error) {
    faults.push((error as Error).message);
  } finally {
    server?.close();
  }
  return { target: target.name, changes, faults };
}

/** What an apply would do to an object; nothing where it would do nothing. */
async function changeOf(
  server: ApiServer,
  object: KubeObject,
  all: readonly KubeObject[],
  { forceConflicts = false }: DiffOptions,
): Promise<Change | undefined> {
  const asWritten = (note: string): Change => ({
    action: 'create',
    ...refOf(object),
    note,
    patch: patchOf(undefined, object),
  });
  const path = await server.pathOf(object);
  if (path === undefined) return asWritten('the server does not know its kind yet');
  const live = await server.call('GET', path);
  if (live.status !== 200 && live.status !== 404) throw new Failure(`cannot be read: ${live.body.message}`);
  const query = new URLSearchParams({
    dryRun: 'All',
    fieldManager: FIELD_MANAGER,
    force: String(forceConflicts),
    fieldValidation: 'Strict',
  });
  const applied = await server.call('PATCH', `${path}?${query}`, object);
  if (applied.status !== 200 && applied.status !== 201) {
    const { namespace } = object.metadata;
    const isComing = all.some(({ kind, metadata }) => kind === 'Namespace' && metadata.name === namespace);
    if (applied.status === 404 && live.status === 404 && isComing) return asWritten('its namespace is not there yet');
    throw new Failure(`apply would fail: ${applied.body.message}`);
  }
  const patch = patchOf(live.status === 404 ? undefined : live.body, applied.body);
  if (patch.length === 0) return undefined;
  return { action: live.status === 404 ? 'create' : 'change', ...refOf(object), patch };
}

interface Ref {
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

function refOf({ kind, metadata: { namespace, name } }: KubeObject): Ref {
  return { kind, ...(namespace !== undefined && { namespace }), name };
}

const title = ({ kind, namespace, name }: Ref) => `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;

const ACTIONS: Readonly<Record<Change['action'], string>> = {
  create: 'would be created',
  change: 'would change',
  delete: 'would be deleted by apply --prune',
  keep: 'is in no manifest any more, and is kept: look at it',
};

function textOf({ target, changes }: Outcome): string {
  const { bold, green, red, cyan } = colours();
  const line = (text: string) => {
    if (text.startsWith('+')) return green(text);
    if (text.startsWith('-')) return red(text);
    return text.startsWith('@@') ? cyan(text) : text;
  };
  return changes
    .map(({ action, note, patch, ...ref }) => {
      const head = bold(`${target}: ${title(ref)} ${ACTIONS[action]}${note ? ` (${note})` : ''}`);
      return `${[head, ...patch.map(line)].join('\n')}\n`;
    })
    .join('');
}

/** Works on so many items at a time; the results are in the order of the items. */
async function inParallel<T, R>(limit: number, items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < items.length; i = next++) results[i] = await work(items[i] as T);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return results;
}

import type { KubeObject } from '../../simulation/kubernetes.ts';
import { lookup } from '../../simulation/lookup.ts';
import { isQuantity } from '../../simulation/quantity.ts';
import { apiGroup, KUBERNETES_KINDS } from '../policy/scopes.ts';
import { list } from '../spec/faults.ts';

/*
 * What fields of Kubernetes' own kinds take, as far as people often write something else.
 */

/** What a field takes, where a value of another form was written to it; nothing where that is right, or not known. */
export function rightForm({ apiVersion, kind }: KubeObject, pointer: string, value: unknown): string | undefined {
  if (typeof value === 'object' || !KUBERNETES_KINDS.has(apiGroup(apiVersion))) return undefined;
  if (TEXTS.test(pointer)) return typeof value === 'string' ? undefined : 'a text';
  if (AMOUNTS.test(pointer)) return isQuantity(value as string | number) ? undefined : "a quantity, such as '500m'";
  const field = pointer.split('/').at(-1) ?? '';
  const isPod = /^\/spec\/(template\/spec\/)?[^/]+$/.test(pointer);
  const ofPods = isPod && kind !== 'Job' && kind !== 'Pod' && field === 'restartPolicy' ? ['Always'] : undefined;
  const known = ofPods ?? (IN_POD.test(pointer) ? lookup(VALUES, field) : undefined);
  return known === undefined || known.includes(String(value)) ? undefined : list(known);
}

const TEXTS =
  /\/(nodeSelector|matchLabels|metadata\/(labels|annotations))\/[^/]*$|ontainers\/\d+\/(env\/\d+\/value|(command|args)\/\d+)$/;
const AMOUNTS = /\/resources\/(requests|limits)\/[^/]*$/;
const IN_POD = /^\/spec\/template\/spec\//;

/** Fields of pods with a few values, and these. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  dnsPolicy: ['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None'],
  imagePullPolicy: ['Always', 'IfNotPresent', 'Never'],
  preemptionPolicy: ['Never', 'PreemptLowerPriority'],
  terminationMessagePolicy: ['File', 'FallbackToLogsOnError'],
};

/** Whether Kubernetes takes whole numbers alone in a field of its kinds. */
export function takesNumber({ apiVersion }: KubeObject, pointer: string): boolean {
  return KUBERNETES_KINDS.has(apiGroup(apiVersion)) && NUMBERS.test(pointer);
}

const NUMBERS =
  /^\/spec\/(.*\/)?(replicas|(min|max)Replicas|backoffLimit|completions|parallelism|revisionHistoryLimit|(container|host|node)Port|(success|failure)Threshold|\w+Seconds)$/;

/** The label that a workload's selector asks for and its pods do not have, as `key: value`. */
export function missedLabel(object: KubeObject): string | undefined {
  // Others select pods that they do not make.
  if (labelsAt(object, 'template') === NONE) return undefined;
  const pods = labelsAt(object, 'template', 'metadata', 'labels');
  const selected = Object.entries(labelsAt(object, 'selector', 'matchLabels'));
  return selected.find(([name, value]) => pods[name] !== value)?.join(': ');
}

const NONE = {};

function labelsAt({ spec }: KubeObject & { spec?: unknown }, ...path: string[]): Record<string, unknown> {
  const found = path.reduce((inner, name) => (inner as Record<string, unknown> | undefined)?.[name], spec);
  return typeof found === 'object' && found !== null ? (found as Record<string, unknown>) : NONE;
}

/** What a value is, in the words of messages. */
export function typeOf(value: unknown): string {
  if (Array.isArray(value)) return 'list';
  return { object: 'mapping', string: 'text' }[typeof value as string] ?? typeof value;
}

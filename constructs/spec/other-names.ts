import { lookup } from '../../simulation/lookup.ts';
import { nearest } from './faults.ts';

/*
 * What fields and choices are called elsewhere. Who writes a federation has the documents of Kubernetes, Karmada,
 * SpinKube, k3s or Argo CD at hand, and takes their names.
 */

/** Names of others, each with the names here that may be meant, the likeliest first. None: there is no such thing here. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  // Kubernetes
  autoscaling: ['scaling'],
  containerPort: ['port'],
  cpu: ['requests.cpu', 'resources.requests.cpu'],
  functions: ['apps'],
  hostPath: [],
  livenessProbe: ['probes.liveness'],
  matchExpressions: ['labelExpressions'],
  matchLabels: ['labels'],
  maxReplicas: ['max'],
  memory: ['requests.memory', 'resources.requests.memory'],
  minReplicas: ['min'],
  readinessProbe: ['probes.readiness'],
  runtimeClassName: ['runtime'],
  startupProbe: ['probes.startup'],
  targetPort: [],
  volumeMounts: ['volumes'],
  // Karmada
  affinityName: ['name'],
  annotationsOverrider: ['annotations'],
  argsOverrider: ['args'],
  clusterAffinities: ['groups'],
  clusterAffinity: ['clusters'],
  clusterNames: ['clusters'],
  clusterTolerations: ['tolerations'],
  clusters: ['members'],
  commandOverrider: ['command'],
  fieldOverrider: ['field'],
  fieldSelector: ['fields'],
  hard: ['limits', 'overall'],
  imageOverrider: ['image'],
  labelSelector: ['labels'],
  labelsOverrider: ['labels'],
  maxGroups: ['max'],
  minGroups: ['min'],
  overrideRules: ['rules', 'overrides'],
  propagateDeps: ['propagation.propagateDeps'],
  replicaScheduling: ['replicas'],
  resourceSelectors: ['resources'],
  spreadByField: ['by'],
  spreadConstraints: ['spread'],
  staticAssignments: ['members'],
  staticWeightList: ['weights'],
  syncMode: ['registration'],
  targetCluster: ['target'],
  weightPreference: ['weights'],
  // SpinKube
  checks: ['probes'],
  enableAutoscaling: ['scaling'],
  executor: ['spin.executor'],
  serviceAnnotations: ['service.annotations'],
  // k3s and its hosts
  HTTPS_PROXY: ['https'],
  HTTP_PROXY: ['http'],
  NO_PROXY: ['except'],
  channel: ['version'],
  ip: ['publicIp'],
  master: ['server'],
  publicAddress: ['publicIp'],
  vpnAddress: ['vpnIp'],
  worker: ['agent'],
  // Argo CD
  repoURL: ['repository'],
  syncPolicy: ['autoSync'],
  // Here, in another place
  members: ['clusters'],
  provider: ['fields.provider'],
  region: ['fields.region'],
  zone: ['zones', 'fields.zone'],
};

/** What is likely meant by a name that is none of those that are known. */
export interface Guess {
  /** One of the known names, or a path that begins with one. */
  readonly name: string;
  /** Whether it is all but certain, so that what else is wrong follows from it. */
  readonly sure: boolean;
}

/** What may be meant by a name that is none of these: its name elsewhere, a typing fault, or a part of it. */
export function guess(name: string, names: readonly string[]): Guess | undefined {
  const others = lookup(NAMES, name);
  const other = others?.find((path) => names.includes(path.split('.', 1)[0] ?? ''));
  if (other !== undefined) return { name: other, sure: !other.includes('.') };
  if (others?.length === 0) return undefined;
  const near = nearest(name, names);
  if (near !== undefined) return { name: near, sure: true };
  const alike = inWords(name, names);
  return alike === undefined ? undefined : { name: alike, sure: false };
}

/** The one name whose words are all in this one, or that has all of this one's: 'priorityClass' for 'priorityClassName'. */
function inWords(name: string, names: readonly string[]): string | undefined {
  const own = wordsOf(name);
  const alike = names
    .map((other) => ({ other, words: wordsOf(other) }))
    .filter(({ words }) => isPart(words, own) || isPart(own, words))
    .sort((a, b) => b.words.length - a.words.length);
  const [first, second] = alike;
  return first && first.words.length !== second?.words.length ? first.other : undefined;
}

/** 'clusterNames' as cluster, name: what a name is made of, whether it is one or many. */
function wordsOf(name: string): string[] {
  return name
    .slice(0, 80)
    .split(/(?<=[a-z])(?=[A-Z])|[^A-Za-z0-9]+/)
    .map((word) => word.toLowerCase().replace(/s$/, ''))
    .filter(Boolean);
}

function isPart(part: readonly string[], whole: readonly string[]): boolean {
  return part.length > 0 && ` ${whole.join(' ')} `.includes(` ${part.join(' ')} `);
}

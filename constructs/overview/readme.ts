import type { Plan } from '../../simulation/plan.ts';
import { literal, planMarkdown } from '../../simulation/views/markdown.ts';
import { ARGOCD_CLUSTER, HOST_CLUSTER, KARMADA_CLUSTER, MANAGEMENT_CLUSTER } from '../names.ts';
import type { FederationSpec } from '../spec/federation.ts';
import { requiredSecrets } from '../spec/secrets.ts';
import { map } from './map.ts';

/** Rows of the table of targets that are members, before the rest are counted. */
const MOST_MEMBERS = 12;

/** What a target of `dist/` is, in the order of application. */
const TARGETS: readonly {
  readonly name: string;
  readonly server: string;
  readonly holds: string;
  readonly apply: string;
}[] = [
  {
    name: 'bootstrap',
    server: `a management cluster (\`${MANAGEMENT_CLUSTER}\`)`,
    holds: 'a Job for each host that brings k3s up on it over SSH, and the list of Secrets',
    apply: 'scripts/secrets.sh && scripts/apply.sh bootstrap',
  },
  {
    name: 'host',
    server: `the central cluster (\`${HOST_CLUSTER}\`)`,
    holds: 'network add-ons, the Karmada control plane',
    apply: 'scripts/apply.sh host',
  },
  {
    name: 'members',
    server: 'that member',
    holds: "network add-ons, Wasm shims, Karmada's agent in pull mode",
    apply: 'scripts/apply.sh members && scripts/join.sh MEMBER…',
  },
  {
    name: 'karmada',
    server: `the Karmada API (\`${KARMADA_CLUSTER}\`)`,
    holds: 'RuntimeClasses, apps, policies',
    apply: 'scripts/apply.sh karmada',
  },
  {
    name: 'argocd',
    server: `the cluster where Argo CD runs (\`${ARGOCD_CLUSTER}\`)`,
    holds: 'a project, and Applications for the folders above',
    apply: 'scripts/apply.sh argocd',
  },
];

/**
 * `dist/README.md`: what a pull request shows of a federation. The map, where every app will run, what each target
 * holds and in which order they apply, and the Secrets that must exist.
 *
 * @param targets the targets that the synth makes, such as `host` and `members/edge-1`.
 */
export function readme(spec: FederationSpec, plan: Plan, targets: ReadonlySet<string>): string {
  const members = spec.members.map(({ name }) => name);
  return [
    `# ${literal(spec.name)}`,
    `\`\`\`mermaid\n${map(spec, plan)}\`\`\``,
    '## Where everything runs',
    `What Karmada will do once this is applied. \`?\` is a number that may be another, \`+\` an object without replicas, \`!\` one that cannot be made.`,
    planMarkdown(plan, members).trimEnd(),
    '## Targets, in the order of application',
    targetsTable(targets),
    '## Secrets that must exist',
    secretsTable(spec),
  ]
    .join('\n\n')
    .concat('\n');
}

function targetsTable(targets: ReadonlySet<string>): string {
  const rows = TARGETS.flatMap(({ name, server, holds, apply }) => {
    const folders = [...targets].filter((target) => target === name || target.startsWith(`${name}/`)).sort();
    if (folders.length === 0) return [];
    const shown = folders.slice(0, MOST_MEMBERS).map((folder) => `[${literal(folder)}](${folder})`);
    if (folders.length > shown.length) shown.push(`and ${folders.length - shown.length} more`);
    return [`| ${shown.join(', ')} | ${server} | ${holds} | \`${apply}\` |`];
  });
  return ['| folder | API server | what it holds | command |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function secretsTable(spec: FederationSpec): string {
  const secrets = new Map<string, { cluster: string; place: string; keys: Map<string, string> }>();
  for (const { cluster, namespace, name, keys } of requiredSecrets(spec)) {
    const place = `${namespace}/${name}`;
    const secret = secrets.get(`${cluster} ${place}`) ?? { cluster, place, keys: new Map() };
    for (const [key, what] of Object.entries(keys)) secret.keys.set(key, what);
    secrets.set(`${cluster} ${place}`, secret);
  }
  if (secrets.size === 0) return 'None.';
  const rows = [...secrets.values()].map(({ cluster, place, keys }) => {
    const all = [...keys].map(([key, what]) => `\`${key}\`: ${literal(what)}`).join('<br>');
    return `| ${literal(cluster)} | ${literal(place)} | ${all} |`;
  });
  return [
    '`scripts/secrets.sh` makes them, and asks for the values; none of them is ever in this folder.',
    '',
    '| cluster | Secret | keys |',
    '| --- | --- | --- |',
    ...rows,
  ].join('\n');
}

import type { Plan } from '../../simulation/plan.ts';
import { literal, planMarkdown } from '../../simulation/views/markdown.ts';
import { MANAGEMENT_CLUSTER } from '../names.ts';
import type { FederationSpec } from '../spec/federation.ts';
import { requiredSecrets } from '../spec/secrets.ts';
import { map } from './map.ts';
import { type Called, MOST_MEMBERS, targetsOf } from './targets.ts';

/**
 * `dist/README.md`: what a pull request shows of a federation. The map, where every app will run, what each target
 * holds and in which order they apply, and the Secrets that must exist.
 *
 * @param folders those of the targets that the synth makes, such as `host` and `members/edge-1`.
 */
export function readme(spec: FederationSpec, plan: Plan, folders: ReadonlySet<string>, called: Called): string {
  const members = spec.members.map(({ name }) => name);
  return [
    `# ${literal(spec.name)}`,
    `\`\`\`mermaid\n${map(spec, plan)}\`\`\``,
    '## Where everything runs',
    `What Karmada will do once this is applied. \`?\` is a number that may be another, \`+\` an object without replicas, \`!\` one that cannot be made.`,
    planMarkdown(plan, members, called('plan')).trimEnd(),
    '## Targets, in the order of application',
    "The kubeconfig of an API server is looked for as `.kube/NAME.kubeconfig`, with the name in parentheses or the member's.",
    targetsTable(spec, folders, called),
    '## Secrets that must exist',
    secretsTable(spec, called),
  ]
    .join('\n\n')
    .concat('\n');
}

function targetsTable(spec: FederationSpec, all: ReadonlySet<string>, called: Called): string {
  const rows = targetsOf(spec, called).flatMap(({ name, server, holds, commands }) => {
    const folders = [...all].filter((folder) => folder === name || folder.startsWith(`${name}/`)).sort();
    if (folders.length === 0) return [];
    const shown = folders.slice(0, MOST_MEMBERS).map((folder) => `[${literal(folder)}](${folder})`);
    if (folders.length > shown.length) shown.push(`and ${folders.length - shown.length} more`);
    return [`| ${shown.join(', ')} | ${server} | ${holds} | ${commands} |`];
  });
  return ['| folder | API server | what it holds | commands |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function secretsTable(spec: FederationSpec, called: Called): string {
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
  const management = [...secrets.values()].some(({ cluster }) => cluster === MANAGEMENT_CLUSTER);
  return [
    `\`${called('secrets')} NAME…\` makes them once their clusters are there, and asks for the values; none of them is ever in this folder, which has [a list](bootstrap) of them.`,
    ...(management
      ? [
          `Those of \`${MANAGEMENT_CLUSTER}\` are for the Jobs. \`${called('bootstrap')}\` uses your own SSH configuration, and reads what it needs of the others from \`.secrets/NAME/KEY\`.`,
        ]
      : []),
    '',
    '| cluster | Secret | keys |',
    '| --- | --- | --- |',
    ...rows,
  ].join('\n');
}

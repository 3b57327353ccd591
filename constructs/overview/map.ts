import { lookup } from '../../simulation/lookup.ts';
import { type Plan, WORKLOADS } from '../../simulation/plan.ts';
import type { FederationSpec, Member } from '../spec/federation.ts';

/** Members that the map shows one by one; with more it shows groups of them. */
const MOST_NODES = 12;
/** Apps that a node lists before it counts the rest. */
const MOST_APPS = 6;

/** A node of the map: a member, or a group of members that have something in common. */
interface MapNode {
  readonly title: string;
  readonly members: readonly Member[];
}

/** The federation as a Mermaid flowchart: clusters, the VPN between them, runtimes, and which apps run where. */
export function map(spec: FederationSpec, plan: Plan): string {
  const { vpn, controlPlane, members } = spec;
  const lines = ['flowchart LR'];
  const host = node('host', ['central cluster', controlPlane.address ?? '', 'Karmada']);
  const nodes = nodesOf(members);
  const inVpn = nodes.filter((one) => vpn !== undefined && one.members.some((member) => member.vpn));
  const apps = appsOf(plan);
  const draw = (one: MapNode) => node(`m${nodes.indexOf(one)}`, textOf(one, apps));
  const hostInVpn = vpn !== undefined && controlPlane.vpn;
  if (vpn && (hostInVpn || inVpn.length > 0)) {
    lines.push(`  subgraph vpn[${quoted(`VPN: ${vpn.provider}`)}]`);
    if (hostInVpn) lines.push(`    ${host}`);
    for (const one of inVpn) lines.push(`    ${draw(one)}`);
    lines.push('  end');
  }
  if (!hostInVpn) lines.push(`  ${host}`);
  for (const one of nodes) if (!inVpn.includes(one)) lines.push(`  ${draw(one)}`);
  for (const [i, one] of nodes.entries()) lines.push(`  ${edge(one, i)}`);
  return `${lines.join('\n')}\n`;
}

/** Who calls whom: the control plane its members, or agents on members the control plane. */
function edge({ members }: MapNode, index: number): string {
  const pull = members.filter(({ registration }) => registration === 'pull').length;
  if (pull === 0) return `host -->|push| m${index}`;
  return pull === members.length ? `m${index} -->|pull| host` : `host <-->|push, pull| m${index}`;
}

function nodesOf(members: readonly Member[]): MapNode[] {
  if (members.length <= MOST_NODES) return members.map((member) => ({ title: member.name, members: [member] }));
  const { name, value } = grouping(members);
  const groups = new Map<string, Member[]>();
  for (const member of members) {
    const key = value(member) ?? '';
    const group = groups.get(key);
    if (group) group.push(member);
    else groups.set(key, [member]);
  }
  return [...groups].map(([key, group]) => ({
    title: `${key === '' ? `without ${name}` : `${name} ${key}`}: ${group.length} member${group.length === 1 ? '' : 's'}`,
    members: group,
  }));
}

interface Grouping {
  readonly name: string;
  readonly value: (member: Member) => string | undefined;
}

/** By region where members have several of these, else by the label or provider that parts them into the fewest groups. */
function grouping(members: readonly Member[]): Grouping {
  const keys = new Set(members.flatMap(({ labels }) => Object.keys(labels)));
  const region: Grouping = { name: 'region', value: (member) => member.region };
  const others: Grouping[] = [
    ...[...keys].sort().map((key) => ({ name: key, value: ({ labels }: Member) => lookup(labels, key) })),
    { name: 'provider', value: (member) => member.provider },
  ];
  const groups = ({ value }: Grouping) => new Set(members.map(value)).size;
  const parts = (one: Grouping) => groups(one) > 1 && groups(one) <= MOST_NODES;
  return parts(region) ? region : (others.filter(parts).sort((a, b) => groups(a) - groups(b))[0] ?? region);
}

function textOf({ title, members }: MapNode, apps: ReadonlyMap<string, readonly string[]>): string[] {
  const places = [...new Set(members.flatMap(({ provider, region }) => [provider, region]))].filter(
    Boolean,
  ) as string[];
  const runtimes = [...new Set(members.flatMap((member) => member.runtimes))];
  const here = [...new Set(members.flatMap(({ name }) => apps.get(name) ?? []))];
  const shown = here.slice(0, MOST_APPS);
  if (here.length > shown.length) shown.push(`and ${here.length - shown.length} more`);
  return [
    title,
    members.length === 1 ? places.join(', ') : '',
    runtimes.length > 0 ? `runtimes: ${runtimes.join(', ')}` : '',
    ...shown,
  ];
}

/** What runs on each member, with its replicas. */
function appsOf({ placements }: Plan): Map<string, string[]> {
  const apps = new Map<string, string[]>();
  for (const { kind, name, members } of placements) {
    if (!WORKLOADS.has(kind)) continue;
    for (const { name: member, replicas } of members) {
      const here = apps.get(member);
      const text = replicas === null ? name : `${name} ×${replicas}`;
      if (here) here.push(text);
      else apps.set(member, [text]);
    }
  }
  return apps;
}

function node(id: string, texts: readonly string[]): string {
  return `${id}[${quoted(texts.filter((text) => text !== '').join('\n'))}]`;
}

/** A text as Mermaid shows it to the letter: all but the plainest characters by their numbers. */
function quoted(text: string): string {
  const escaped = text.replace(/[^\p{L}\p{N} .,:/×_\n-]/gu, (character) => `#${character.codePointAt(0)};`);
  return `"${escaped.replaceAll('\n', '<br>')}"`;
}

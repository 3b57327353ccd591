import type { PageData } from './data.ts';
import type { Folds, Group } from './groups.ts';
import type { MemberView, ObjectView } from './outlook.ts';
import type { Selection } from './panel.tsx';
import { liveMark, many, STATES } from './words.ts';

interface MapProps {
  readonly data: PageData;
  readonly groups: readonly Group[];
  readonly folds: Folds;
  /** What runs, which each member's number counts. */
  readonly objects: readonly ObjectView[];
  readonly selected: string | undefined;
  readonly select: (selection: Selection) => void;
}

/** The clusters: the central one, and members inside and outside the VPN, group by group. */
export function FederationMap({ data, groups, folds, objects, selected, select }: MapProps) {
  const { central, vpn } = data;
  const inside = parts(groups, ({ facts }) => vpn !== undefined && facts.vpn);
  const outside = parts(groups, ({ facts }) => vpn === undefined || !facts.vpn);
  const area = (title: string | undefined, some: readonly Group[]) =>
    some.length > 0 && (
      <div class={title?.startsWith('VPN') ? 'area vpn' : 'area'}>
        {title && <h3>{title}</h3>}
        {some.map((group) => (
          <Region
            key={group.title}
            heading={title ? 'h4' : 'h3'}
            group={group}
            objects={objects}
            open={folds.isOpen(group)}
            toggle={groups.length > 1 ? () => folds.toggle(group) : undefined}
            selected={selected}
            select={select}
          />
        ))}
      </div>
    );
  return (
    <section class="map" aria-labelledby="map">
      <h2 id="map">Map</h2>
      <div class="tree">
        <div class="central">
          <strong>central cluster</strong>
          <span>Karmada</span>
          {central?.address && <span class="address">{central.address}</span>}
          {vpn !== undefined && central?.vpn && <span class="badge">in the VPN</span>}
        </div>
        <div class="areas">
          {area(vpn === undefined ? undefined : `VPN: ${vpn}`, inside)}
          {area(vpn === undefined ? undefined : 'outside the VPN', outside)}
          {groups.length === 0 && <p>No member is found.</p>}
        </div>
      </div>
    </section>
  );
}

function parts(groups: readonly Group[], is: (member: MemberView) => boolean): readonly Group[] {
  return groups
    .map(({ title, members }) => ({ title, members: members.filter(is) }))
    .filter(({ members }) => members.length > 0);
}

/** Who calls whom: `push`, the control plane its members; `pull`, agents on members the control plane. */
function modes({ members }: Group): string {
  return [...new Set(members.map(({ cluster }) => (cluster.spec?.syncMode === 'Pull' ? 'pull' : 'push')))].join(', ');
}

interface RegionProps {
  /** One below that of its area, if that has one. */
  readonly heading: 'h3' | 'h4';
  readonly group: Group;
  readonly objects: readonly ObjectView[];
  readonly open: boolean;
  /** Undefined where there is nothing to fold. */
  readonly toggle: (() => void) | undefined;
  readonly selected: string | undefined;
  readonly select: (selection: Selection) => void;
}

/** The members of a group, or what they come to. */
function Region({ heading: Heading, group, objects, open, toggle, selected, select }: RegionProps) {
  const { title, members } = group;
  const counted = counts(objects, members);
  return (
    <section class={`region ${counted.trend}`}>
      <Heading>
        {toggle === undefined ? (
          title
        ) : (
          <button type="button" class="fold" aria-expanded={open} onClick={toggle}>
            <span aria-hidden="true">{open ? '▾' : '▸'}</span> {title}
          </button>
        )}
        <small>{`${many(members.length, 'member')}, ${modes(group)}`}</small>
      </Heading>
      {open ? (
        <ul>
          {members.map((member) => (
            <li key={member.name}>
              <Chip
                member={member}
                objects={objects}
                selected={selected === member.name}
                select={() => select({ member: member.name })}
              />
            </li>
          ))}
        </ul>
      ) : (
        <p>
          <span class="number">{counted.text}</span> replicas{awayText(members)}
        </p>
      )}
    </section>
  );
}

function awayText(members: readonly MemberView[]): string {
  const away = members.filter(({ state }) => state !== 'there').length;
  return away === 0 ? '' : `, ${away} of the members away`;
}

/** The replicas of members, before and after. */
function counts(objects: readonly ObjectView[], members: readonly { readonly name: string }[]) {
  let [was, is] = [0, 0];
  for (const object of objects) {
    for (const { name } of members) {
      was += object.was(name) ?? 0;
      is += object.is(name) ?? 0;
    }
  }
  return { is, text: was === is ? `${is}` : `${was} → ${is}`, trend: is > was ? 'up' : is < was ? 'down' : '' };
}

interface ChipProps {
  readonly member: MemberView;
  readonly objects: readonly ObjectView[];
  readonly selected: boolean;
  readonly select: () => void;
}

function Chip({ member, objects, selected, select }: ChipProps) {
  const { name, state, changed, live } = member;
  const { is, text, trend } = counts(objects, [member]);
  return (
    <button type="button" class={`chip ${state} ${trend}`} aria-pressed={selected} onClick={select}>
      <span class="name">{name}</span>
      {changed && <span class="mark">changed</span>}
      {state !== 'there' && <span class="mark">{STATES[state]}</span>}
      {live && liveMark(live) && <span class="mark wrong">{liveMark(live)}</span>}
      <span class="number">
        {text}
        <span class="unseen"> {is === 1 ? 'replica' : 'replicas'}</span>
      </span>
    </button>
  );
}

import { useEffect, useRef } from 'preact/hooks';
import { moveFocus, oneTabStop } from './grid-keys.ts';
import type { Folds, Group } from './groups.ts';
import type { Count, MemberView, ObjectView } from './outlook.ts';
import type { Selection } from './panel.tsx';
import type { Asking } from './use-question.ts';
import { countText, LIVE_MARKS, liveMark, liveText, many, pathOf, STATES, spoken } from './words.ts';

/** Rows that a group shows. */
const MOST_ROWS = 200;

interface MatrixProps {
  readonly groups: readonly Group[];
  readonly folds: Folds;
  readonly objects: readonly ObjectView[];
  readonly selection: Selection;
  readonly asking: Asking;
  readonly select: (selection: Selection) => void;
}

/** Members by objects, with replicas. A grid to the keyboard: arrows move in it. */
export function Matrix({ groups, folds, objects, selection, asking, select }: MatrixProps) {
  const table = useRef<HTMLTableElement>(null);
  useEffect(() => oneTabStop(table.current));
  return (
    <section class="matrix" aria-labelledby="matrix">
      <h2 id="matrix">Where everything runs</h2>
      <div class="scroll">
        {/* biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a table that arrow keys move in is a grid */}
        <table ref={table} role="grid" aria-labelledby="matrix" onKeyDown={moveFocus}>
          <thead>
            <tr>
              <th scope="col">Member</th>
              {objects.map((object) => (
                <ObjectHead
                  key={object.key}
                  object={object}
                  selected={selection.object === object.key}
                  select={() => select({ object: object.key })}
                />
              ))}
            </tr>
          </thead>
          {groups.map((group) => (
            <tbody key={group.title}>
              {groups.length > 1 && (
                <GroupRow
                  group={group}
                  objects={objects}
                  open={folds.isOpen(group)}
                  toggle={() => folds.toggle(group)}
                />
              )}
              {folds.isOpen(group) &&
                group.members
                  .slice(0, MOST_ROWS)
                  .map((member) => (
                    <MemberRow
                      key={member.name}
                      member={member}
                      objects={objects}
                      selection={selection}
                      asking={asking}
                      select={select}
                    />
                  ))}
              {folds.isOpen(group) && group.members.length > MOST_ROWS && (
                <tr>
                  <th scope="row">and {group.members.length - MOST_ROWS} more: search for them</th>
                </tr>
              )}
            </tbody>
          ))}
        </table>
      </div>
      <p class="legend">
        <span>✓ is there, has no replicas to count</span>
        <span>? may be another number</span>
        <span>! fails on the way</span>
        <span>2→3 before and after</span>
        {objects.some(({ live }) => live) && (
          <>
            <span>{LIVE_MARKS.well} is there now</span>
            <span>{LIVE_MARKS.wrong} is not as it should be</span>
            <span>{LIVE_MARKS.unknown} on a member that does not answer</span>
          </>
        )}
      </p>
    </section>
  );
}

function ObjectHead({ object, selected, select }: { object: ObjectView; selected: boolean; select: () => void }) {
  const { ref, after } = object;
  const nowhere = (after?.members.length ?? 0) === 0;
  return (
    <th scope="col">
      <button type="button" tabIndex={-1} class="head" aria-pressed={selected} onClick={select}>
        <span class="name">{ref.name}</span>
        <small>{ref.namespace === undefined ? ref.kind : `${ref.kind}, ${ref.namespace}`}</small>
        {nowhere && <span class="mark">nowhere</span>}
      </button>
    </th>
  );
}

interface GroupRowProps {
  readonly group: Group;
  readonly objects: readonly ObjectView[];
  readonly open: boolean;
  readonly toggle: () => void;
}

/** What the members of a group come to together. */
function GroupRow({ group: { title, members }, objects, open, toggle }: GroupRowProps) {
  return (
    <tr class="group">
      <th scope="row">
        <button type="button" tabIndex={-1} aria-expanded={open} onClick={toggle}>
          <span aria-hidden="true">{open ? '▾' : '▸'}</span> {title} <small>{many(members.length, 'member')}</small>
        </button>
      </th>
      {objects.map((object) => {
        const was = total(members, object.was);
        const is = total(members, object.is);
        return (
          <td key={object.key} class={trend(was, is)}>
            {changeText(was, is)}
          </td>
        );
      })}
    </tr>
  );
}

/** What members have of an object together. */
function total(members: readonly MemberView[], count: (name: string) => Count): Count {
  return members.reduce<Count>((sum, { name }) => {
    const here = count(name);
    if (here === undefined) return sum;
    return here === null ? (sum ?? null) : (sum ?? 0) + here;
  }, undefined);
}

interface MemberRowProps {
  readonly member: MemberView;
  readonly objects: readonly ObjectView[];
  readonly selection: Selection;
  readonly asking: Asking;
  readonly select: (selection: Selection) => void;
}

function MemberRow({ member: { name, state, changed, live }, objects, selection, asking, select }: MemberRowProps) {
  const gone = state === 'gone';
  const only = (object?: string) => selection.member === name && selection.object === object;
  return (
    <tr class={state}>
      <th scope="row">
        <span class="member">
          <button
            type="button"
            tabIndex={-1}
            class="name"
            aria-pressed={only()}
            onClick={() => select({ member: name })}
          >
            {name}
          </button>
          {changed && <span class="mark">changed</span>}
          {state !== 'there' && <span class="mark">{STATES[state]}</span>}
          {live && liveMark(live) && <span class="mark wrong">{liveMark(live)}</span>}
          <button
            type="button"
            tabIndex={-1}
            class="away"
            aria-label={gone ? `Put ${name} back` : `Take ${name} away`}
            title={gone ? 'Put back' : 'Take away'}
            onClick={() => asking.change(name, { state: gone ? 'there' : 'gone' })}
          >
            {gone ? '↺' : '×'}
          </button>
        </span>
      </th>
      {objects.map((object) => (
        <Cell
          key={object.key}
          object={object}
          member={name}
          selected={only(object.key)}
          select={() => select({ member: name, object: object.key })}
        />
      ))}
    </tr>
  );
}

interface CellProps {
  readonly object: ObjectView;
  readonly member: string;
  readonly selected: boolean;
  readonly select: () => void;
}

function Cell({ object, member, selected, select }: CellProps) {
  const [was, is] = [object.was(member), object.is(member)];
  const pair = object.live?.on(member);
  // Nothing is told of what is neither there nor should be.
  const shown = object.live !== undefined && (pair !== undefined || is !== undefined);
  const now = pair?.state ?? 'wrong';
  const [fails, open] = [object.fails(member), object.isUncertain(member)];
  // What is seen is part of what is heard, for those who say what they see.
  const label = [
    `${pathOf(object.ref)} on ${member}: `,
    was === is ? spoken(is) : `${changeText(was, is)}, ${spoken(is)}, before ${spoken(was)}`,
    open ? ', may be another number' : '',
    fails ? ', fails on the way' : '',
    shown ? `, now ${liveText(pair)}` : '',
  ].join('');
  return (
    <td class={`${trend(was, is)}${fails ? ' fails' : ''}`}>
      <button type="button" tabIndex={-1} aria-label={label} aria-pressed={selected} onClick={select}>
        {`${fails ? '!' : ''}${changeText(was, is)}${open ? '?' : ''}`}
      </button>
      {shown && (
        // It is heard with the label.
        <span class={`now ${now}`} aria-hidden="true">
          {LIVE_MARKS[now]} {countText(pair?.live?.replicas)}
        </span>
      )}
    </td>
  );
}

function changeText(was: Count, is: Count): string {
  return was === is ? countText(is) : `${countText(was)}→${countText(is)}`;
}

/** How it looks: more, less, or as before. */
function trend(was: Count, is: Count): string {
  if (was === is) return is === undefined ? 'none' : 'some';
  return (is ?? (is === null ? 1 : -1)) > (was ?? (was === null ? 1 : -1)) ? 'up' : 'down';
}

import { useMemo, useRef, useState } from 'preact/hooks';
import { simulate } from '../simulation/simulate.ts';
import { Changes } from './changes.tsx';
import type { PageData } from './data.ts';
import { type Folds, grouped, groupings, matches } from './groups.ts';
import { LiveBar } from './live-bar.tsx';
import { FederationMap } from './map.tsx';
import { Matrix } from './matrix.tsx';
import { outlookOf } from './outlook.ts';
import { Panel, type Selection } from './panel.tsx';
import { useLive } from './use-live.ts';
import { useQuestion } from './use-question.ts';
import { answer } from './what-if.ts';
import { many, pathOf, summary } from './words.ts';

/** Members that show at once; with more, those of a group show when it is opened. */
const MOST_OPEN = 40;
/** Objects that show, of those that are found. */
const MOST_OBJECTS = 30;

/** The whole page. What it knows flows down from here. */
export function App({ data }: { readonly data: PageData }) {
  const asking = useQuestion();
  const { question, asked } = asking;
  const before = useMemo(() => simulate(data.input), [data]);
  const after = useMemo(() => answer(data.input, before, question), [data, before, question]);
  const live = useLive(data.live);
  const outlook = useMemo(
    () => outlookOf(data, before, after, question, live?.report),
    [data, before, after, question, live?.report],
  );

  const choices = useMemo(() => groupings(outlook.members), [data]);
  const [groupBy, setGroupBy] = useState(choices[0]?.name ?? '');
  const [memberSearch, setMemberSearch] = useState('');
  const [objectSearch, setObjectSearch] = useState('');
  const workloads = outlook.objects.filter(({ runs }) => runs);
  const [all, setAll] = useState(workloads.length === 0);
  const [selection, setSelection] = useState<Selection>({});
  const opener = useRef<Element | null>(null);

  const select = (next: Selection) => {
    opener.current = document.activeElement;
    setSelection(next);
  };
  const close = () => {
    setSelection({});
    if (opener.current instanceof HTMLElement) opener.current.focus();
  };

  const members = outlook.members.filter((member) => matches(member, memberSearch));
  const groups = grouped(
    members,
    choices.find(({ name }) => name === groupBy),
  );
  const found = (all ? outlook.objects : workloads).filter(({ ref }) =>
    `${ref.kind} ${pathOf(ref)}`.toLowerCase().includes(objectSearch.trim().toLowerCase()),
  );
  const objects = found.slice(0, MOST_OBJECTS);
  const [toggled, setToggled] = useState<ReadonlyMap<string, boolean>>(new Map());
  const folds: Folds = {
    isOpen: ({ title }) => groups.length === 1 || (toggled.get(title) ?? members.length <= MOST_OPEN),
    toggle: (group) => setToggled(new Map(toggled).set(group.title, !folds.isOpen(group))),
  };

  return (
    <>
      <header>
        <h1>{data.name}</h1>
        <p>Where Karmada will run everything, computed. Change something to see what would move.</p>
      </header>
      <section class="bar" aria-label="What it comes to">
        <p role="status">{summary(outlook.objects, asked)}</p>
        <label>
          <input
            type="checkbox"
            checked={question.afresh}
            onChange={(event) => asking.setAfresh(event.currentTarget.checked)}
          />
          Place everything afresh
        </label>
        <button type="button" disabled={!asked} onClick={asking.undoAll}>
          Undo all
        </button>
      </section>
      {live && <LiveBar live={live} />}
      <main>
        <div class="views">
          <search class="tools">
            <label>
              Find members
              <input
                type="search"
                placeholder="name, label, region"
                value={memberSearch}
                onInput={(event) => setMemberSearch(event.currentTarget.value)}
              />
            </label>
            {choices.length > 0 && (
              <label>
                Group by
                <select value={groupBy} onChange={(event) => setGroupBy(event.currentTarget.value)}>
                  {choices.map(({ name }) => (
                    <option key={name} value={name}>
                      {name}
                    </option>
                  ))}
                  <option value="">nothing</option>
                </select>
              </label>
            )}
            <label>
              Find objects
              <input
                type="search"
                placeholder="name, kind"
                value={objectSearch}
                onInput={(event) => setObjectSearch(event.currentTarget.value)}
              />
            </label>
            <label class="check">
              <input type="checkbox" checked={all} onChange={(event) => setAll(event.currentTarget.checked)} />
              Services, ConfigMaps and the like, too
            </label>
            <p class="found">
              {members.length} of {many(outlook.members.length, 'member')}
              {found.length > objects.length && `, the first ${objects.length} of ${many(found.length, 'object')}`}
            </p>
          </search>
          {asked && <Changes outlook={outlook} asking={asking} select={select} />}
          <FederationMap
            data={data}
            groups={groups}
            folds={folds}
            objects={workloads}
            selected={selection.member}
            select={select}
          />
          <Matrix
            groups={groups}
            folds={folds}
            objects={objects}
            selection={selection}
            asking={asking}
            select={select}
          />
        </div>
        <Panel data={data} outlook={outlook} selection={selection} asking={asking} select={select} close={close} />
      </main>
    </>
  );
}

import { useEffect, useRef } from 'preact/hooks';
import type { PageData } from './data.ts';
import { MemberPanel } from './member-panel.tsx';
import { ObjectPanel } from './object-panel.tsx';
import type { Outlook } from './outlook.ts';
import { PairPanel } from './pair-panel.tsx';
import type { Asking } from './use-question.ts';

/** What is looked at: a member, an object, or one on the other. */
export interface Selection {
  readonly member?: string;
  /** By its key. */
  readonly object?: string;
}

interface PanelProps {
  readonly data: PageData;
  readonly outlook: Outlook;
  readonly selection: Selection;
  readonly asking: Asking;
  readonly select: (selection: Selection) => void;
  readonly close: () => void;
}

/** All about what is looked at. It takes the focus, and gives it back. */
export function Panel({ data, outlook, selection, asking, select, close }: PanelProps) {
  const aside = useRef<HTMLElement>(null);
  useEffect(() => {
    aside.current?.querySelector('h2')?.focus();
  }, [selection]);
  const member = outlook.members.find(({ name }) => name === selection.member);
  const object = outlook.objects.find(({ key }) => key === selection.object);
  if (!member && !object) return null;
  return (
    <aside
      ref={aside}
      aria-label="Details"
      onKeyDown={(event) => {
        if (event.key === 'Escape') close();
      }}
    >
      <button type="button" class="close" onClick={close}>
        Close
      </button>
      {member && object ? (
        <PairPanel member={member} object={object} select={select} />
      ) : member ? (
        <MemberPanel key={member.name} member={member} objects={outlook.objects} asking={asking} select={select} />
      ) : (
        object && <ObjectPanel key={object.key} input={data.input} object={object} asking={asking} select={select} />
      )}
    </aside>
  );
}

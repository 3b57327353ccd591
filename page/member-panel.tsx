import { useId, useState } from 'preact/hooks';
import { labelsText, parseLabels, parseTaints, parts, type Typed, taintsText } from './edits.ts';
import type { MemberView, ObjectView } from './outlook.ts';
import type { Selection } from './panel.tsx';
import type { Asking } from './use-question.ts';
import { countText, many, pathOf, STATES } from './words.ts';

/** Objects that a list names. */
const MOST_OBJECTS = 50;

interface MemberPanelProps {
  readonly member: MemberView;
  readonly objects: readonly ObjectView[];
  readonly asking: Asking;
  readonly select: (selection: Selection) => void;
}

/** A member: what to change of it, what runs there, and what doesn't. */
export function MemberPanel({ member, objects, asking, select }: MemberPanelProps) {
  const { name, state, cluster, earlier, facts, live } = member;
  const { metadata, spec = {} } = cluster;
  const group = useId();
  const there = objects.filter((object) => object.is(name) !== undefined || object.was(name) !== undefined);
  const elsewhere = objects.filter((object) => object.runs && !there.includes(object));
  const change = (given: Parameters<Asking['change']>[1]) => asking.change(name, given);
  const text = (value: string, original: string | undefined) => (value === (original ?? '') ? undefined : value);
  return (
    <>
      <h2 tabIndex={-1}>{name}</h2>
      <p>
        Member, {spec.syncMode === 'Pull' ? 'pull' : 'push'}
        {facts.runtimes.length > 0 && `, runtimes: ${facts.runtimes.join(', ')}`}
      </p>
      {live && (
        <p class={live.joined && live.ready === 'True' ? '' : 'fault'}>
          Live: {live.joined ? (live.ready === 'True' ? 'ready' : 'not ready') : 'not joined'}
          {live.version && `, Kubernetes ${live.version}`}
          {live.heard && `, its agent was heard of at ${new Date(live.heard).toLocaleTimeString()}`}
          {live.why && `: ${live.why}`}
        </p>
      )}
      <fieldset>
        <legend>What if it</legend>
        {(['there', 'lost', 'gone'] as const).map((one) => (
          <label key={one} class="check">
            <input type="radio" name={group} checked={state === one} onChange={() => change({ state: one })} />
            {one === 'there' ? 'is joined' : one === 'gone' ? 'is taken away' : STATES[one]}
          </label>
        ))}
      </fieldset>
      <Field
        label="Labels"
        value={labelsText(metadata.labels ?? {})}
        hint="tier=edge, gpu=true"
        read={parseLabels}
        apply={(labels) => change({ labels: sameText(labels, earlier.metadata.labels ?? {}) ? undefined : labels })}
      />
      <Field
        label="Taints"
        value={taintsText(spec.taints ?? [])}
        hint="key=value:NoSchedule"
        read={parseTaints}
        apply={(taints) =>
          change({ taints: taintsText(taints) === taintsText(earlier.spec?.taints ?? []) ? undefined : taints })
        }
      />
      <Field
        label="Provider"
        value={spec.provider ?? ''}
        read={asTyped}
        apply={(value) => change({ provider: text(value, earlier.spec?.provider) })}
      />
      <Field
        label="Region"
        value={spec.region ?? ''}
        read={asTyped}
        apply={(value) => change({ region: text(value, earlier.spec?.region) })}
      />
      <Field
        label="Zones"
        value={(spec.zones ?? []).join(', ')}
        read={(typed) => ({ value: parts(typed) })}
        apply={(zones) => change({ zones: zones.join() === (earlier.spec?.zones ?? []).join() ? undefined : zones })}
      />
      <h3>What it has</h3>
      {there.length === 0 && <p>Nothing.</p>}
      <ul class="plain">
        {there.slice(0, MOST_OBJECTS).map((object) => (
          <li key={object.key}>
            <button type="button" class="link" onClick={() => select({ member: name, object: object.key })}>
              {pathOf(object.ref)}
            </button>{' '}
            <small>{object.ref.kind}</small> {changeText(object, name)}
          </li>
        ))}
        {there.length > MOST_OBJECTS && <li>and {there.length - MOST_OBJECTS} more</li>}
      </ul>
      {elsewhere.length > 0 && (
        <>
          <h3>What does not run there</h3>
          <ul class="plain">
            {elsewhere.slice(0, MOST_OBJECTS).map((object) => (
              <li key={object.key}>
                <button type="button" class="link" onClick={() => select({ member: name, object: object.key })}>
                  {pathOf(object.ref)}
                </button>
                : {object.after?.verdict(name)?.reason.text ?? `${name} is taken away`}
              </li>
            ))}
            {elsewhere.length > MOST_OBJECTS && <li>and {many(elsewhere.length - MOST_OBJECTS, 'other')}</li>}
          </ul>
        </>
      )}
    </>
  );
}

function changeText({ was, is }: ObjectView, member: string): string {
  const [old, now] = [was(member), is(member)];
  return old === now ? countText(now) : `${countText(old)} → ${countText(now)}`;
}

function asTyped(text: string): Typed<string> {
  return { value: text.trim() };
}

function sameText(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  return labelsText(a) === labelsText(b);
}

interface FieldProps<T> {
  readonly label: string;
  readonly value: string;
  readonly hint?: string;
  readonly read: (text: string) => Typed<T>;
  readonly apply: (value: T) => void;
}

/** A field that is read when it is left, or Enter is pressed, and that says what is wrong. */
function Field<T>({ label, value, hint, read, apply }: FieldProps<T>) {
  const id = useId();
  const [fault, setFault] = useState<string>();
  return (
    <p class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        value={value}
        placeholder={hint}
        spellcheck={false}
        autocomplete="off"
        aria-invalid={fault !== undefined}
        aria-describedby={fault === undefined ? undefined : `${id}-fault`}
        onChange={(event) => {
          const typed = read(event.currentTarget.value);
          setFault(typed.fault);
          if (typed.fault === undefined) apply(typed.value);
        }}
      />
      {fault !== undefined && (
        <span class="fault" id={`${id}-fault`} role="alert">
          {fault}
        </span>
      )}
    </p>
  );
}

import type { ObjectView, Outlook } from './outlook.ts';
import type { Selection } from './panel.tsx';
import type { Asking } from './use-question.ts';
import { countText, many, pathOf, STATES } from './words.ts';

/** Members that a line names before it counts the rest. */
const MOST_NAMES = 6;
/** Objects that the list shows. */
const MOST_OBJECTS = 20;

interface ChangesProps {
  readonly outlook: Outlook;
  readonly asking: Asking;
  readonly select: (selection: Selection) => void;
}

/** What is asked, each with a way back, and what moves then. */
export function Changes({ outlook, asking, select }: ChangesProps) {
  const { question } = asking;
  const moved = outlook.objects.filter((object) => object.moved.length > 0);
  const asked = outlook.members.filter(({ name }) => question.members.has(name));
  const resized = outlook.objects.filter(({ key }) => question.replicas.has(key));
  return (
    <section class="changes" aria-labelledby="changes">
      <h2 id="changes">What if</h2>
      <ul class="asked">
        {asked.map(({ name, state, changed }) => (
          <li key={name}>
            <button type="button" class="link" onClick={() => select({ member: name })}>
              {name}
            </button>
            {[state === 'there' ? '' : STATES[state], changed ? 'is changed' : ''].filter(Boolean).join(', ')}
            <button type="button" aria-label={`Undo the change of ${name}`} onClick={() => asking.undo(name)}>
              Undo
            </button>
          </li>
        ))}
        {resized.map(({ key, ref }) => (
          <li key={key}>
            <button type="button" class="link" onClick={() => select({ object: key })}>
              {pathOf(ref)}
            </button>
            {many(question.replicas.get(key) ?? 0, 'replica')}
            <button
              type="button"
              aria-label={`Undo the replicas of ${pathOf(ref)}`}
              onClick={() => asking.setReplicas(key, undefined)}
            >
              Undo
            </button>
          </li>
        ))}
        {question.afresh && <li>Everything is placed afresh, as in a new federation</li>}
      </ul>
      {!question.afresh && (
        <p class="hint">
          Karmada lets a divided workload be while it has all its replicas. “Place everything afresh” shows where it
          would go when a WorkloadRebalancer asks for that.
        </p>
      )}
      {moved.length > 0 && (
        <table class="moves">
          <thead>
            <tr>
              <th scope="col">Object</th>
              <th scope="col">Before and after</th>
            </tr>
          </thead>
          <tbody>
            {moved.slice(0, MOST_OBJECTS).map((object) => (
              <tr key={object.key}>
                <th scope="row">
                  <button type="button" class="link" onClick={() => select({ object: object.key })}>
                    {pathOf(object.ref)}
                  </button>{' '}
                  <small>{object.ref.kind}</small>
                </th>
                <td>
                  {moves(object)}
                  {object.after?.members.length === 0 && (
                    <strong>, nowhere to go: {object.after.unplaced?.message ?? 'no member fits'}</strong>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {moved.length > MOST_OBJECTS && <p>and {moved.length - MOST_OBJECTS} more</p>}
    </section>
  );
}

function moves({ moved, was, is }: ObjectView): string {
  const named = moved.slice(0, MOST_NAMES).map((name) => `${name} ${countText(was(name))} → ${countText(is(name))}`);
  const rest = moved.length - named.length;
  return rest > 0 ? `${named.join(', ')} and ${rest} others` : named.join(', ');
}

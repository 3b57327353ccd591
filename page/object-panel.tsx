import { useId, useMemo } from 'preact/hooks';
import { describe } from '../simulation/kubernetes.ts';
import type { Input, Placement, Share } from '../simulation/model.ts';
import type { ObjectView } from './outlook.ts';
import type { Selection } from './panel.tsx';
import type { Asking } from './use-question.ts';
import { replicasOf } from './what-if.ts';
import { countText, many, pathOf } from './words.ts';

/** Members that a line names before it counts the rest. */
const MOST_NAMES = 12;
/** Members that the list of where it is holds. */
const MOST_MEMBERS = 100;

interface ObjectPanelProps {
  readonly input: Input;
  readonly object: ObjectView;
  readonly asking: Asking;
  readonly select: (selection: Selection) => void;
}

/** An object: how many replicas, where they go, and why not elsewhere. */
export function ObjectPanel({ input, object, asking, select }: ObjectPanelProps) {
  const { ref, key, before, after } = object;
  const id = useId();
  const own = useMemo(() => before && replicasOf(input, before.object), [input, before]);
  const noes = useMemo(() => (after ? refusals(after) : []), [after]);
  const members = [...new Set([...(after?.members ?? []).map(({ name }) => name), ...object.moved])];
  return (
    <>
      <h2 tabIndex={-1}>{pathOf(ref)}</h2>
      <p>
        {ref.kind}
        {after?.policy && `, placed by ${describe(after.policy)}`}
        {after?.group !== undefined && `, group ${after.group}`}
      </p>
      {own !== undefined && (
        <p class="field">
          <label for={id}>Replicas</label>
          <input
            id={id}
            type="number"
            min={0}
            value={asking.question.replicas.get(key) ?? own}
            onChange={({ currentTarget: { valueAsNumber: count } }) =>
              asking.setReplicas(key, Number.isInteger(count) && count >= 0 && count !== own ? count : undefined)
            }
          />
        </p>
      )}
      {after?.unplaced && <p class="fault">Not placed: {after.unplaced.message}</p>}
      {after?.uncertain && (
        <p>
          Not certain: {after.uncertain.reason.message}.
          {after.uncertain.answers.length > 1 && ` Either ${after.uncertain.answers.map(sharesText).join(', or ')}.`}
        </p>
      )}
      {after?.errors.map(({ member, message }) => (
        <p class="fault" key={`${member} ${message}`}>
          {message}
        </p>
      ))}
      {object.live?.status?.why && <p class="fault">Live: {object.live.status.why}</p>}
      {after?.lazy && <p>Its policy is lazy: nothing moves before the object itself changes.</p>}
      <h3>Where it is</h3>
      {members.length === 0 && <p>Nowhere.</p>}
      <ul class="plain">
        {members.slice(0, MOST_MEMBERS).map((name) => (
          <li key={name}>
            <button type="button" class="link" onClick={() => select({ member: name, object: key })}>
              {name}
            </button>{' '}
            {object.was(name) === object.is(name)
              ? countText(object.is(name))
              : `${countText(object.was(name))} → ${countText(object.is(name))}`}
          </li>
        ))}
        {members.length > MOST_MEMBERS && <li>and {many(members.length - MOST_MEMBERS, 'other')}</li>}
      </ul>
      {noes.length > 0 && (
        <>
          <h3>Where it is not, and why</h3>
          <ul class="plain">
            {noes.map(({ text, names }) => (
              <li key={text}>
                {named(names)}: {text}
              </li>
            ))}
          </ul>
        </>
      )}
      {after && after.policies.length > 1 && (
        <>
          <h3>Policies that select it</h3>
          <ul class="plain">
            {after.policies.map(({ policy, wins, reason }) => (
              <li key={describe(policy)}>
                {describe(policy)}: {wins ? 'wins, ' : ''}
                {reason.message}
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

/** The members without it, those with the same reason together. */
function refusals(placement: Placement): { text: string; names: string[] }[] {
  const byReason = new Map<string, string[]>();
  for (const { member, chosen, reason } of placement.verdicts()) {
    if (chosen) continue;
    const names = byReason.get(reason.text);
    if (names) names.push(member);
    else byReason.set(reason.text, [member]);
  }
  return [...byReason].map(([text, names]) => ({ text, names }));
}

function named(names: readonly string[]): string {
  if (names.length <= MOST_NAMES) return names.join(', ');
  return `${names.slice(0, MOST_NAMES).join(', ')} and ${many(names.length - MOST_NAMES, 'other')}`;
}

function sharesText(shares: readonly Share[]): string {
  return shares.map(({ name, replicas }) => (replicas === null ? name : `${name} ${replicas}`)).join(', ');
}

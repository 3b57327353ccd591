import { useMemo } from 'preact/hooks';
import type { MemberView, ObjectView } from './outlook.ts';
import type { Selection } from './panel.tsx';
import { liveText, pathOf, spoken } from './words.ts';

interface PairPanelProps {
  readonly member: MemberView;
  readonly object: ObjectView;
  readonly select: (selection: Selection) => void;
}

/** One object on one member: whether, why, and what the member gets. */
export function PairPanel({ member: { name, state }, object, select }: PairPanelProps) {
  const { ref, key, before, after } = object;
  const [was, is] = [object.was(name), object.is(name)];
  const why = after?.verdict(name)?.reason.message;
  const earlier = before?.verdict(name)?.reason.message;
  const manifest = is === undefined ? undefined : after?.manifestFor(name);
  const failover = useMemo(
    () => (state === 'there' && is !== undefined ? after?.failover(name) : undefined),
    [after, name, state, is],
  );
  return (
    <>
      <h2 tabIndex={-1}>
        {pathOf(ref)} on {name}
      </h2>
      <p>
        <button type="button" class="link" onClick={() => select({ object: key })}>
          {ref.kind} {pathOf(ref)}
        </button>
        {', '}
        <button type="button" class="link" onClick={() => select({ member: name })}>
          {name}
        </button>
      </p>
      <dl>
        <dt>{was === is ? 'Now' : 'Then'}</dt>
        <dd>
          {spoken(is)}: {why ?? `${name} is taken away`}
        </dd>
        {was !== is && (
          <>
            <dt>Before</dt>
            <dd>
              {spoken(was)}
              {earlier && `: ${earlier}`}
            </dd>
          </>
        )}
        {object.live && (
          <>
            <dt>Live</dt>
            <dd>{liveText(object.live.on(name))}</dd>
          </>
        )}
        {failover && (
          <>
            <dt>When {name} does not answer</dt>
            <dd>
              {failover.evicted ? 'It leaves' : 'It stays'}: {failover.reason.message}
            </dd>
          </>
        )}
      </dl>
      {manifest?.fault && <p class="fault">{manifest.fault.message}</p>}
      {manifest?.object && (
        <details>
          <summary>What {name} gets</summary>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
          <pre tabIndex={0}>{JSON.stringify(manifest.object, undefined, 2)}</pre>
        </details>
      )}
    </>
  );
}

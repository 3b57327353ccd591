import type { Live } from './use-live.ts';

/** Sentences that it shows before it counts the rest. */
const MOST_FAULTS = 10;

const VERDICTS = { well: 'All is well', wrong: 'Something is not well', unknown: 'Not all of it answers' } as const;

/** How the federation is, in a sentence, and what is wrong. */
export function LiveBar({ live: { report, error } }: { readonly live: Live }) {
  const told = report ? [...report.unknown, ...report.faults] : [];
  const time = report && new Date(report.at).toLocaleTimeString();
  return (
    <section class={`live-bar ${error ? 'unknown' : (report?.verdict ?? '')}`} aria-label="Live">
      <p aria-live="polite">
        <strong>{report ? VERDICTS[report.verdict] : error ? 'It is not known how it is' : 'Looking …'}</strong>
      </p>
      {report && (
        <p>
          {error ? 'as it was at ' : 'at '}
          <time dateTime={report.at}>{time}</time>
        </p>
      )}
      {error && <p class="fault">No answer: {error}</p>}
      {told.length > 0 && (
        <ul class="plain">
          {told.slice(0, MOST_FAULTS).map((line) => (
            <li key={line}>{line}</li>
          ))}
          {told.length > MOST_FAULTS && <li>and {told.length - MOST_FAULTS} more: "status" tells all</li>}
        </ul>
      )}
    </section>
  );
}

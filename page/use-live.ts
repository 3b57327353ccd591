import { useEffect, useState } from 'preact/hooks';
import type { StatusReport } from '../cli/status/report.ts';

/** How the federation is, as it was told last. */
export interface Live {
  /** Nothing before the first answer. */
  readonly report?: StatusReport;
  /** Why the last question had no answer. */
  readonly error?: string;
}

/**
 * Asks the server of the page how the federation is, again and again, but not while nobody sees it.
 *
 * @param seconds between two questions; undefined for a page that has no such server.
 */
export function useLive(seconds: number | undefined): Live | undefined {
  const [live, setLive] = useState<Live>({});
  useEffect(() => {
    if (seconds === undefined) return undefined;
    const ended = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async () => {
      try {
        const response = await fetch('live', { signal: ended.signal });
        const told = await response.text();
        if (!response.ok) throw new Error(told || `the server answers ${response.status}`);
        setLive({ report: JSON.parse(told) as StatusReport });
      } catch (error) {
        if (ended.signal.aborted) return;
        // What was told before stays, and is told to be old.
        setLive((old) => ({ ...old, error: (error as Error).message }));
      }
      if (!document.hidden) timer = setTimeout(ask, seconds * 1000);
    };
    const seen = () => {
      clearTimeout(timer);
      if (!document.hidden) void ask();
    };
    document.addEventListener('visibilitychange', seen);
    void ask();
    return () => {
      document.removeEventListener('visibilitychange', seen);
      clearTimeout(timer);
      ended.abort();
    };
  }, [seconds]);
  return seconds === undefined ? undefined : live;
}

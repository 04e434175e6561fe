/** Loads something once for a view, and again when asked to; what comes too late for what is shown is dropped. */
import { useCallback, useEffect, useRef, useState } from "react";

export interface Loaded<T> {
  value: T | undefined;
  /** What went wrong, for people; empty when nothing did. */
  problem: string;
  loading: boolean;
  again: () => void;
}

interface Kept<T> {
  key: string;
  /** Key, round and version that it was loaded for. */
  place: string;
  value?: T;
  problem: string;
}

/** Load by *load* whenever *key* changes; anew, with the old value shown until then, whenever *version* does.
 * What nobody waits for any more is told so by its signal. */
export function useLoaded<T>(load: (signal: AbortSignal) => Promise<T>, key: string, version = 0): Loaded<T> {
  const [kept, keep] = useState<Kept<T>>({ key: "", place: "", problem: "" });
  const [round, setRound] = useState(0);
  const latest = useRef(load);
  latest.current = load;
  const place = `${key} ${round} ${version}`;

  useEffect(() => {
    const late = new AbortController();
    latest
      .current(late.signal)
      .then((value) => late.signal.aborted || keep({ key, place, value, problem: "" }))
      .catch((error: unknown) => {
        if (late.signal.aborted) return;
        // What is shown already stays, beside what went wrong.
        keep((before) => ({ ...(before.key === key ? before : {}), key, place, problem: said(error) }));
      });
    return () => late.abort();
  }, [place, key]);

  const again = useCallback(() => setRound((before) => before + 1), []);
  const mine = kept.key === key;
  return {
    value: mine ? kept.value : undefined,
    problem: mine ? kept.problem : "",
    loading: kept.place !== place,
    again,
  };
}

/** Return what an error says to people. */
export function said(error: unknown): string {
  return error instanceof Error && error.message ? error.message : "Something went wrong. Try again in a moment.";
}

// Asking a question, and following the run that answers it.

import { useCallback, useEffect, useRef, useState } from "react";
import type { Ask, CreateOptions, RunStore } from "../api.js";
import { LevadaError } from "../errors.js";
import { useLevada } from "./provider.js";
import { type FollowedRun, useStore } from "./use-run.js";

export interface Asking {
  /** Ask; the run asked before goes on, but is followed no longer. Resolves to the new run's store. */
  readonly ask: (ask: Ask, options?: CreateOptions) => Promise<RunStore | undefined>;
  /** Whether a question was sent and the server has not taken it yet. */
  readonly sending: boolean;
  /** Why the last question was not taken. */
  readonly error: LevadaError | undefined;
  /** The run of the last question that was taken. */
  readonly run: FollowedRun | undefined;
  /** Forget the run and the error; the run itself goes on. */
  readonly reset: () => void;
}

export function useAsk(): Asking {
  const client = useLevada();
  const [store, setStore] = useState<RunStore>();
  const [sending, setSending] = useState(false);
  const [error, setError] = useState<LevadaError>();
  // Only the question asked last counts, whichever answer comes first.
  const latest = useRef<AbortController>(undefined);
  useEffect(() => () => latest.current?.abort(), []);

  const ask = useCallback(
    async (what: Ask, options: CreateOptions = {}) => {
      latest.current?.abort();
      const turn = new AbortController();
      latest.current = turn;
      setSending(true);
      setError(undefined);
      try {
        const opened = await client.ask(what, options);
        if (!turn.signal.aborted) setStore(opened);
        return opened;
      } catch (problem) {
        if (!turn.signal.aborted) setError(asError(problem));
        return undefined;
      } finally {
        if (!turn.signal.aborted) setSending(false);
      }
    },
    [client],
  );

  const reset = useCallback(() => {
    latest.current?.abort();
    setSending(false);
    setError(undefined);
    setStore(undefined);
  }, []);

  return { ask, sending, error, run: useStore(store), reset };
}

/** Return *problem* as what callers show; what is not ours is a mistake of the program and is thrown on. */
export function asError(problem: unknown): LevadaError {
  if (problem instanceof LevadaError) return problem;
  throw problem;
}

// The caller's runs, newest first, page by page.

import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { ListOptions } from "../api.js";
import type { LevadaError } from "../errors.js";
import type { RunJson } from "../levada/v1/run_pb.js";
import { useLevada } from "./provider.js";
import { asError } from "./use-ask.js";

export interface Runs {
  readonly runs: readonly RunJson[];
  readonly loading: boolean;
  readonly error: LevadaError | undefined;
  readonly hasMore: boolean;
  /** Fetch the next page. */
  readonly more: () => void;
  /** Begin again with the newest. What is shown stays until the answer is there. */
  readonly refresh: () => void;
}

interface Listed {
  readonly runs: readonly RunJson[];
  readonly next: string;
}

const NOTHING: Listed = { runs: [], next: "" };

export function useRuns({ pageSize, states, conversationId }: Omit<ListOptions, "signal" | "pageToken"> = {}): Runs {
  const client = useLevada();
  const [listed, setListed] = useState(NOTHING);
  const [loading, setLoading] = useState(true);
  const [error, setError] = useState<LevadaError>();
  const under = useRef<AbortController>(undefined);
  const wanted = states?.join();

  const fetch = useCallback(
    async (before: Listed) => {
      under.current?.abort();
      const turn = new AbortController();
      under.current = turn;
      setLoading(true);
      try {
        const page = await client.list({
          signal: turn.signal,
          ...(pageSize === undefined ? {} : { pageSize }),
          ...(wanted ? { states: wanted.split(",") as NonNullable<ListOptions["states"]> } : {}),
          ...(conversationId === undefined ? {} : { conversationId }),
          ...(before.next ? { pageToken: before.next } : {}),
        });
        if (turn.signal.aborted) return;
        setListed({ runs: merged(before.runs, page.runs), next: page.nextPageToken });
        setError(undefined);
      } catch (problem) {
        if (!turn.signal.aborted) setError(asError(problem));
      } finally {
        if (!turn.signal.aborted) setLoading(false);
      }
    },
    [client, pageSize, wanted, conversationId],
  );

  const refresh = useCallback(() => void fetch(NOTHING), [fetch]);
  useEffect(() => {
    refresh();
    return () => under.current?.abort();
  }, [refresh]);
  const more = useCallback(() => void (listed.next && fetch(listed)), [fetch, listed]);

  return useMemo(
    () => ({ ...listed, loading, error, hasMore: listed.next !== "", more, refresh }),
    [listed, loading, error, more, refresh],
  );
}

// A run created meanwhile moves the others on to the next page: it would stand there twice.
function merged(before: readonly RunJson[], page: readonly RunJson[]): readonly RunJson[] {
  const known = new Set(before.map((run) => run.runId));
  return [...before, ...page.filter((run) => !known.has(run.runId))];
}

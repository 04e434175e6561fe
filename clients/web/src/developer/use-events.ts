/** A run's events as they were sent, gathered as they come. */
import type { EventJson } from "@levada/client";
import { useLevada } from "@levada/client/react";
import { useEffect, useState } from "react";
import { said } from "../shell/loading";

const BETWEEN = 200;

/** Follow the events of a run; what came meanwhile is shown together, a few times a second. */
export function useEvents(runId: string): { events: readonly EventJson[]; problem: string; whole: boolean } {
  const client = useLevada();
  const [events, setEvents] = useState<readonly EventJson[]>([]);
  const [whole, setWhole] = useState(false);
  const [problem, setProblem] = useState("");

  useEffect(() => {
    const stop = new AbortController();
    const came: EventJson[] = [];
    const show = () => setEvents((before) => (before.length === came.length ? before : [...came]));
    const timer = setInterval(show, BETWEEN);
    const read = async () => {
      for await (const event of client.watch(runId, { signal: stop.signal })) came.push(event);
    };
    setEvents([]);
    setWhole(false);
    read()
      .then(() => setWhole(!stop.signal.aborted))
      .catch((error: unknown) => stop.signal.aborted || setProblem(said(error)))
      .finally(() => {
        clearInterval(timer);
        if (!stop.signal.aborted) show();
      });
    return () => {
      stop.abort();
      clearInterval(timer);
    };
  }, [client, runId]);

  return { events, problem, whole };
}

/** For those who switched streaming off: nothing is shown until the run has ended, or asks something of a person. */
import type { RunJson } from "@levada/client";
import { useLevada } from "@levada/client/react";
import { type ReactNode, useEffect, useState } from "react";
import { runsChanged } from "../shell/levada";
import { said } from "../shell/loading";
import { Waiting } from "../shell/notices";
import { prefer } from "../shell/preferences";
import { repeatedly } from "../shell/repeatedly";
import { ended } from "./ended";
import { Question } from "./question";

const PACE = { first: 1_000, longest: 5_000, atOnce: true };

export function FinalOnly({ runId, question, shown }: { runId: string; question: string; shown: ReactNode }) {
  const client = useLevada();
  const [run, setRun] = useState<RunJson>();
  const [problem, setProblem] = useState("");
  const ready = run !== undefined && (ended(run) || run.input !== undefined);

  useEffect(() => {
    if (ready) return;
    const stop = new AbortController();
    const look = async () => {
      try {
        setRun(await client.get(runId, { signal: stop.signal }));
        setProblem("");
      } catch (error) {
        if (!stop.signal.aborted) setProblem(said(error));
      }
    };
    const end = repeatedly(look, PACE);
    return () => {
      stop.abort();
      end();
    };
  }, [client, runId, ready]);

  useEffect(() => {
    if (ready) runsChanged();
  }, [ready]);

  if (ready) return shown;
  return (
    <article className="run card">
      <Question text={question} />
      <Waiting text={problem ? `${problem} Trying again…` : "Working. Only the final result will be shown."} />
      <div className="toolbar">
        <button type="button" className="button" onClick={() => prefer({ streaming: true })}>
          Show the work while it is done
        </button>
        <button type="button" className="button" onClick={() => client.cancel(runId).catch((e) => setProblem(said(e)))}>
          Cancel
        </button>
      </div>
    </article>
  );
}

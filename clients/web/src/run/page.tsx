/** A run at its own address: what was asked before in its conversation, the run itself, and a next question. */
import { useLevada } from "@levada/client/react";
import { useEffect } from "react";
import { asMade } from "../shell/levada";
import { Link } from "../shell/link";
import { useLoaded } from "../shell/loading";
import { Problem, Waiting } from "../shell/notices";
import { usePreferences } from "../shell/preferences";
import type { RunTab } from "../shell/router";
import { Earlier } from "./earlier";
import { ended } from "./ended";
import { FinalOnly } from "./final-only";
import { LiveRun } from "./live";

export function RunPage({ runId, tab }: { runId: string; tab: RunTab }) {
  const client = useLevada();
  const { value, problem, again } = useLoaded(() => client.get(runId), runId);
  const run = value ?? asMade(runId);
  const { streaming } = usePreferences();
  const question = run?.request?.question ?? "";
  useEffect(() => {
    document.title = question ? `${question} · Levada` : "Levada";
  }, [question]);
  if (problem)
    return (
      <>
        <h1>This run can’t be shown</h1>
        <Problem text={problem} again={again} />
        <Link to={{ name: "runs" }}>All runs</Link>
      </>
    );
  const conversation = run?.request?.conversationId ?? "";
  const live = <LiveRun key={runId} runId={runId} tab={tab} run={run} />;
  // Nobody is shown work that they do not want to see, not even until it is known whether it is done.
  const shown = () => {
    if (streaming || (run && ended(run))) return live;
    return run ? <FinalOnly runId={runId} question={question} shown={live} /> : <Waiting text="Looking it up…" />;
  };
  return (
    <div className="run-page">
      {conversation ? <Earlier conversation={conversation} current={runId} /> : null}
      {shown()}
    </div>
  );
}

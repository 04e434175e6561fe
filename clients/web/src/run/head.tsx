/** What was asked, and what can be done with the run: steer it, ask again, take it along. */
import type { RunJson } from "@levada/client";
import type { FollowedRun } from "@levada/client/react";
import { useLevada } from "@levada/client/react";
import { useState } from "react";
import { useAsking } from "../ask/use-asking";
import { Icon } from "../shell/icons";
import { Link } from "../shell/link";
import { Wrong } from "../shell/notices";
import { navigate } from "../shell/router";
import { EditQuestion } from "./edit-question";
import { ExportMenu } from "./export-menu";
import { Question } from "./question";
import { Steering } from "./steering";

export function RunHead({ followed, run }: { followed: FollowedRun; run: RunJson | undefined }) {
  const { state } = followed;
  const client = useLevada();
  const { go, busy, problem } = useAsking();
  const [editing, setEditing] = useState(false);
  const question = state.question || run?.request?.question || "";
  const fork = (text: string) => go(() => client.fork(state.runId, text === question ? {} : { question: text }));
  return (
    <header className="run-head">
      {editing ? (
        <EditQuestion question={question} busy={busy} ask={fork} leave={() => setEditing(false)} />
      ) : (
        <Question text={question} />
      )}
      {state.forkedFrom ? (
        <p className="quiet">
          Asked again, after <Link to={{ name: "run", id: state.forkedFrom, tab: "answer" }}>an earlier run</Link>
          {state.keptSteps.length ? `; kept from it: ${state.keptSteps.join(", ")}` : ""}.
        </p>
      ) : null}
      <div className="toolbar run-actions">
        <Steering followed={followed} />
        <button type="button" className="button quiet-button" onClick={() => setEditing(true)} disabled={editing}>
          <Icon name="edit" /> <span>Edit</span>
        </button>
        <button type="button" className="button quiet-button" onClick={() => fork(question)} disabled={busy}>
          <Icon name="again" /> <span>Ask again</span>
        </button>
        <button
          type="button"
          className="button quiet-button"
          onClick={() => navigate({ name: "compare", left: state.forkedFrom, right: state.runId })}
        >
          <Icon name="compare" /> <span>Compare</span>
        </button>
        <ExportMenu state={state} />
      </div>
      <Wrong text={problem} />
    </header>
  );
}

/** A run as a person reads it: how it is worked out on one side, what comes of it on the other. */
import type { RunJson, RunState } from "@levada/client";
import type { FollowedRun } from "@levada/client/react";
import { FollowUps } from "./follow-ups";
import { Results } from "./results";
import { Work } from "./work";

interface AnswerTabProps {
  state: RunState;
  /** Undefined where the run is only shown, as in a replay. */
  followed?: FollowedRun | undefined;
  run?: RunJson | undefined;
}

export function AnswerTab({ state, followed, run }: AnswerTabProps) {
  return (
    <div className="run-grid" data-first={somethingToShow(state) ? "result" : "work"}>
      <div className="result">
        <Results state={state} respond={followed && ((answer) => followed.store.respond(answer))} />
        {followed ? <FollowUps questions={state.followUps} request={run?.request} /> : null}
      </div>
      <Work state={state} request={followed && run?.request} />
    </div>
  );
}

/** Return whether there is more to see than work: where there is room for one only, it then stands first. */
function somethingToShow({ end, input, tables, texts, findings, agents, qualities }: RunState): boolean {
  return (
    end !== undefined ||
    findings.size + agents.size + qualities.size > 0 ||
    input !== undefined ||
    tables.size > 0 ||
    texts.values().some(({ channel }) => channel === "answer")
  );
}

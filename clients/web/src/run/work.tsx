/** How an answer is worked out: steps, what was understood, queries. */
import { type RunRequestJson, type RunState, thinkingOf } from "@levada/client";
import { RunProgress } from "@levada/client/react";
import { Plan } from "./plan";
import { Queries } from "./queries";
import { Tasks } from "./tasks";
import { Understood } from "./understood";

interface WorkProps {
  state: RunState;
  /** What the run was asked for; undefined where its query can't be changed and run again. */
  request?: RunRequestJson | undefined;
}

export function Work({ state, request }: WorkProps) {
  const thinking = thinkingOf(state);
  // What is done for tasks and by agents is shown with each of them.
  const parted = state.tasks.size > 0 || state.agents.size > 0;
  const plan = state.plan.operations.size > 1 && !parted;
  return (
    <section className="work" aria-labelledby="work">
      <h2 id="work" className="unseen">
        How it is worked out
      </h2>
      <RunProgress state={state} endingShown flat={parted} />
      {thinking ? <p className="thinking">{thinking}</p> : null}
      <Tasks state={state} />
      <Understood state={state} />
      {plan ? <Plan plan={state.plan} /> : null}
      <Queries state={state} request={plan || parted ? undefined : request} />
    </section>
  );
}

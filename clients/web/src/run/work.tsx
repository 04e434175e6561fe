/** How an answer is worked out: steps, what was understood, queries. */
import { operationOf, queriesOf, type RunRequestJson, type RunState, thinkingOf } from "@levada/client";
import { RunProgress, SqlView } from "@levada/client/react";
import { Agents } from "./agents";
import { EditQuery } from "./edit-query";
import { Plan } from "./plan";
import { Tasks } from "./tasks";
import { Understood } from "./understood";

interface WorkProps {
  state: RunState;
  /** What the run was asked for; undefined where its query can't be changed and run again. */
  request?: RunRequestJson | undefined;
}

export function Work({ state, request }: WorkProps) {
  const thinking = thinkingOf(state);
  const queries = queriesOf(state);
  const plan = state.plan.operations.size > 1;
  return (
    <section className="work" aria-labelledby="work">
      <h2 id="work" className="unseen">
        How it is worked out
      </h2>
      <RunProgress state={state} endingShown />
      {thinking ? <p className="thinking">{thinking}</p> : null}
      <Understood state={state} />
      <Tasks state={state} />
      <Agents state={state} />
      {plan ? <Plan plan={state.plan} /> : null}
      {queries.map((query) => (
        <div key={query.id || query.step} className="query">
          <SqlView query={query} operation={operationOf(state, query)} live={!state.end} />
          {request && !plan && state.end && query === queries.at(-1) && query.id ? (
            <EditQuery state={state} query={query} request={request} />
          ) : null}
        </div>
      ))}
    </section>
  );
}

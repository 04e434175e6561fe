/** How an answer is worked out: steps, what was understood, queries. */
import { operationOf, queriesOf, type RunState, thinkingOf } from "@levada/client";
import { RunProgress, SqlView } from "@levada/client/react";
import { EditQuery } from "./edit-query";
import { Plan } from "./plan";
import { Understood } from "./understood";

interface WorkProps {
  state: RunState;
  /** Whether its query can be changed and run again. */
  editable: boolean;
}

export function Work({ state, editable }: WorkProps) {
  const thinking = thinkingOf(state);
  const queries = queriesOf(state);
  const plan = state.plan.operations.size > 1;
  return (
    <section className="work" aria-label="How it is worked out">
      <RunProgress state={state} endingShown />
      {thinking ? <p className="thinking">{thinking}</p> : null}
      <Understood state={state} />
      {plan ? <Plan plan={state.plan} /> : null}
      {queries.map((query) => (
        <div key={query.id || query.step} className="query">
          <SqlView query={query} operation={operationOf(state, query)} live={!state.end} />
          {editable && !plan && state.end && query === queries.at(-1) && query.id ? (
            <EditQuery state={state} query={query} />
          ) : null}
        </div>
      ))}
    </section>
  );
}

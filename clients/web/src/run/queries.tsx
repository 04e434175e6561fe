/** The queries of a run: seen at once, but for those of its parts, which are many: each when it is looked for or cited. */
import { operationOf, type Query, queriesOf, type RunRequestJson, type RunState } from "@levada/client";
import { count, SqlView } from "@levada/client/react";
import { useState } from "react";
import { placeOf } from "./cited";
import { EditQuery } from "./edit-query";

interface QueriesProps {
  state: RunState;
  /** Undefined where the last one can't be changed and run again. */
  request?: RunRequestJson | undefined;
}

export function Queries({ state, request }: QueriesProps) {
  const queries = queriesOf(state);
  if (queries.length && (state.tasks.size || state.agents.size))
    return (
      <details className="queries">
        <summary>{count(queries.length, "query", "queries")}</summary>
        {queries.map((query) => (
          <Folded key={query.id || query.step} state={state} query={query} />
        ))}
      </details>
    );
  return queries.map((query) => (
    <div key={query.id || query.step} id={query.id ? placeOf(query.id) : undefined} className="query" tabIndex={-1}>
      <SqlView query={query} operation={operationOf(state, query)} live={!state.end} />
      {request && state.end && query === queries.at(-1) && query.id ? (
        <EditQuery state={state} query={query} request={request} />
      ) : null}
    </div>
  ));
}

function Folded({ state, query }: { state: RunState; query: Query }) {
  const [open, setOpen] = useState(false);
  const operation = operationOf(state, query);
  const rows = operation?.rows === undefined ? "" : count(operation.rows, "row");
  return (
    <details
      id={query.id ? placeOf(query.id) : undefined}
      className="query-folded"
      tabIndex={-1}
      open={open}
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary>
        <code>{query.id || "…"}</code>{" "}
        <span className="quiet">{[query.source, query.explanation, rows].filter(Boolean).join(" · ")}</span>
      </summary>
      {open ? <SqlView query={query} operation={operation} live={!state.end} /> : null}
    </details>
  );
}

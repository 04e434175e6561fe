/** Tables that led to the one that answers: what each source gave, each with its chart where it has one. */
import { chartOf, type RunState, type Table } from "@levada/client";
import { count, ResultTable } from "@levada/client/react";
import { useState } from "react";
import { ChartPart } from "./chart-part";

const FEW = 5;

export function OtherTables({ state, shown }: { state: RunState; shown: Table | undefined }) {
  const others = state.tables.values().filter((table) => table.id !== shown?.id);
  const drawn = others.map((table) => <OtherTable key={table.id} state={state} table={table} />);
  if (others.length <= FEW && !state.tasks.size) return drawn;
  if (!others.length) return null;
  return (
    <details className="other-table">
      <summary>{count(others.length, "table")} that led to it</summary>
      {drawn}
    </details>
  );
}

function OtherTable({ state, table }: { state: RunState; table: Table }) {
  const [open, setOpen] = useState(false);
  const chart = chartOf(state, table.id);
  const parted = state.tasks.size > 0 || state.agents.size > 0;
  const operation = state.plan.operations.get(table.queryId);
  const source = state.queries.get(table.queryId)?.source ?? operation?.source ?? "";
  return (
    <details className="other-table" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        {[parted ? table.queryId : "", source && `From ${source}`, operation?.description, count(table.rowCount, "row")]
          .filter(Boolean)
          .join(" · ")}
      </summary>
      {open ? (
        <>
          {chart ? <ChartPart chart={chart} table={table} /> : null}
          <ResultTable table={table} live={!state.end} />
        </>
      ) : null}
    </details>
  );
}

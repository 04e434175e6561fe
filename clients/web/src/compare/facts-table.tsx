/** What two runs were and took, line by line. */

import type { RunState } from "@levada/client";
import { dollars, duration } from "@levada/client/react";
import { Link } from "../shell/link";

export function FactsTable({ left, right }: { left: RunState; right: RunState }) {
  const theirs = new Map(facts(right));
  return (
    <table className="grid compare-table">
      <thead>
        <tr>
          <td />
          {[left, right].map((state, side) => (
            <th key={side === 0 ? "left" : "right"} scope="col">
              <Link to={{ name: "run", id: state.runId, tab: "answer" }}>{state.question || state.runId}</Link>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {facts(left).map(([name, mine]) => {
          const other = theirs.get(name) ?? "";
          return (
            <tr key={name} data-differs={mine !== other || undefined}>
              <th scope="row">{name}</th>
              <td>{mine}</td>
              <td>{other}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function facts(state: RunState): [string, string][] {
  const totals = state.end?.totals;
  return [
    ["State", state.end?.kind === "completed" ? (state.end.outcome ?? "completed") : state.phase],
    ["Pipeline", state.pipeline],
    ["Sources", state.sources.map(({ source }) => source).join(", ") || sourcesOf(state)],
    ["Took", totals ? duration(totals.duration) : ""],
    ["Rows", totals ? totals.rows.toLocaleString("en") : ""],
    ["Tokens", totals ? (totals.inputTokens + totals.outputTokens).toLocaleString("en") : ""],
    ["Cost", totals ? (totals.costUsd === undefined ? "unknown" : dollars(totals.costUsd)) : ""],
    ["Queries", String(state.queries.size)],
  ];
}

function sourcesOf(state: RunState): string {
  return [...new Set(state.queries.values().map(({ source }) => source))].join(", ");
}

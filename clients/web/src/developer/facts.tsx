/** What a run took, in figures: only those that were measured. */

import type { RunState } from "@levada/client";
import { count, dollars, duration, FactList } from "@levada/client/react";

export function Facts({ state }: { state: RunState }) {
  const totals = state.end?.totals;
  const waited =
    state.createdAt !== undefined && state.startedAt !== undefined ? state.startedAt - state.createdAt : undefined;
  const facts: [string, string | undefined][] = [
    ["Run", state.runId],
    ["Pipeline", [state.pipeline, state.pipelineCause].filter(Boolean).join(": ")],
    ["Waited for a worker", waited === undefined ? undefined : duration(waited)],
    ["Took", totals && duration(totals.duration)],
    ["Rows", totals && count(totals.rows, "row")],
    ["Model calls", String(state.modelCalls.size)],
    [
      "Tokens",
      totals && `${totals.inputTokens.toLocaleString("en")} in, ${totals.outputTokens.toLocaleString("en")} out`,
    ],
    ["Cost", totals && (totals.costUsd === undefined ? "unknown" : dollars(totals.costUsd))],
    ["Trace", state.traceId],
    ["Missing events", state.gaps.map(({ from, to }) => `${from}–${to}`).join(", ")],
  ];
  return <FactList className="facts" facts={facts} />;
}

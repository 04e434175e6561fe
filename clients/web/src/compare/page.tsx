/** Two runs side by side, with what differs marked. */
import { queryOf, type RunState, textOf } from "@levada/client";
import { useRun } from "@levada/client/react";
import { unmarked } from "../run/unmarked";
import { Waiting } from "../shell/notices";
import { navigate } from "../shell/router";
import { FactsTable } from "./facts-table";
import { Pick } from "./pick";
import { RowsDifference } from "./rows-difference";
import { StepsTable } from "./steps-table";
import { TextDifference } from "./text-difference";

export function ComparePage({ left, right }: { left: string; right: string }) {
  const one = useRun(left || undefined);
  const other = useRun(right || undefined);
  return (
    <div className="compare">
      <header className="page-head">
        <h1>Compare two runs</h1>
      </header>
      <div className="compare-pick">
        <Pick label="Left" chosen={left} choose={(id) => navigate({ name: "compare", left: id, right })} />
        <button
          type="button"
          className="button"
          onClick={() => navigate({ name: "compare", left: right, right: left })}
          disabled={!left && !right}
        >
          ⇄ Swap
        </button>
        <Pick label="Right" chosen={right} choose={(id) => navigate({ name: "compare", left, right: id })} />
      </div>
      {one && other ? <Differences left={one.state} right={other.state} /> : <p className="empty">Choose two runs.</p>}
    </div>
  );
}

function Differences({ left, right }: { left: RunState; right: RunState }) {
  if (!left.sequence || !right.sequence) return <Waiting text="Reading both…" />;
  return (
    <>
      <FactsTable left={left} right={right} />
      <TextDifference title="Answer" by="words" left={unmarked(answer(left))} right={unmarked(answer(right))} />
      <TextDifference title="Query" by="lines" left={query(left)} right={query(right)} />
      <TextDifference title="Findings" by="lines" left={findings(left)} right={findings(right)} />
      <RowsDifference left={left} right={right} />
      <StepsTable left={left} right={right} />
    </>
  );
}

function answer(state: RunState): string {
  const told = [textOf(state, "answer"), textOf(state, "report")].filter(Boolean).join("\n\n");
  if (told || !state.end) return told;
  if (state.end.kind === "completed") return state.end.summary;
  return state.end.kind === "failed" ? state.end.message : "";
}

function query(state: RunState): string {
  return queryOf(state)?.text ?? "";
}

function findings(state: RunState): string {
  return state.findings
    .values()
    .map(({ text }) => text)
    .join("\n");
}

// The panel of progress: how far the run is, how long it will take, each step with what came of it.

import { useMemo } from "react";
import { remaining } from "../select.js";
import type { RunState } from "../state.js";
import { stepTree } from "../tree.js";
import { StepItem } from "./step-item.js";
import { Steps } from "./steps.js";
import { useClock } from "./use-clock.js";
import { count, dollars, duration, estimate, percent } from "./words.js";

export interface RunProgressProps {
  state: RunState;
  /** Whether it is told elsewhere why the run failed, so that its last step need not say the same. */
  endingShown?: boolean;
  /** Whether only the run's own steps are shown, since those within them are shown elsewhere. */
  flat?: boolean;
}

/** Show a run's progress. Screen readers are told politely of each step, not of each second. */
export function RunProgress({ state, endingShown = false, flat = false }: RunProgressProps) {
  const now = useClock(state);
  const left = remaining(state, now);
  const unsaid = endingShown && state.end?.kind === "failed" ? state.end.message : undefined;
  const over = state.end !== undefined;
  const begun = useMemo(() => stepTree(state.begun), [state.begun]);
  return (
    <section className="levada-progress" data-phase={state.phase} aria-label="Progress">
      <header>
        <span className="levada-phase">{phase(state)}</span>
        {left !== undefined && !over ? <span className="levada-left">{estimate(left)} left</span> : null}
        <span className="levada-percent">{percent(state.progress)}</span>
      </header>
      <div
        className="levada-bar"
        role="progressbar"
        aria-label="Progress of the run"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(state.progress * 100)}
      >
        <div style={{ transform: `scaleX(${state.progress})` }} />
      </div>
      <ol className="levada-steps">
        <Steps nodes={begun} phase={state.phase} now={now} unsaid={unsaid} flat={flat} />
        {state.pending
          .values()
          .map((step) => (step.conditional ? null : <StepItem key={step.path} step={step} phase={state.phase} />))}
      </ol>
      <Remarks state={state} />
      {state.end ? <p className="levada-totals">{totals(state)}</p> : null}
      <p className="levada-unseen" role="status">
        {spoken(state)}
      </p>
    </section>
  );
}

function Remarks({ state }: { state: RunState }) {
  const remarks = new Set(state.remarks.values().map((remark) => remark.text));
  return [...remarks].map((text) => (
    <p key={text} className="levada-warning">
      ⚠ {text}
    </p>
  ));
}

const RESUMED: Readonly<Record<string, string>> = {
  "worker lost": "The server that worked on it was lost; the run goes on from the last completed step.",
  "server stopped": "Its server stopped; the run goes on from the last completed step.",
  waited: "Has its answer; the run goes on from the last completed step.",
};

/** Where the run is, in words. */
function phase(state: RunState): string {
  switch (state.phase) {
    case "queued":
      return state.position > 1 ? `Waiting, ${count(state.position - 1, "run")} ahead` : "Waiting to begin";
    case "running":
      return RESUMED[state.resumedCause] ?? "Running…";
    case "waiting":
      return "Waiting for you";
    case "paused":
      return state.pausedBy ? `Paused by ${state.pausedBy}` : "Paused";
    case "completed":
      return "Done";
    case "failed":
      return "Failed";
    case "cancelled":
      return "Cancelled";
  }
}

function totals({ end, modelCalls, tables }: RunState): string {
  if (!end) return "";
  const { totals } = end;
  const tokens = totals.inputTokens + totals.outputTokens;
  const cost = totals.costUsd === undefined ? "cost unknown" : dollars(totals.costUsd);
  const facts = [
    totals.duration > 0 ? duration(totals.duration) : "",
    tables.size > 0 ? count(totals.rows, "row") : "",
    modelCalls.size > 0 ? count(modelCalls.size, "model call") : "",
    tokens > 0 ? `${count(tokens, "token")}, ${cost}` : "",
  ];
  return facts.filter(Boolean).join(" · ");
}

function spoken(state: RunState): string {
  if (state.phase !== "running") return phase(state);
  const steps = state.begun.values().filter((step) => step.state === "running");
  const title = steps.at(-1)?.title;
  return title ? `${title} ${percent(state.progress)}` : phase(state);
}

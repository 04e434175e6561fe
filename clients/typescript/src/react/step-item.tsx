// One step in the panel of progress.

import { memo } from "react";
import type { Phase, Step } from "../state.js";
import { duration, estimate } from "./words.js";

export interface StepItemProps {
  step: Step;
  phase: Phase;
  /** Now by the server's clock, for a step under way; left out for others, so that they are not drawn each second. */
  now?: number | undefined;
  /** What need not be said here, since it is said elsewhere. */
  unsaid?: string | undefined;
}

type Look = Step["state"] | "current" | "unreached";

const MARKS: Readonly<Record<Look, string>> = {
  pending: "·",
  running: "–",
  current: "▶",
  done: "✓",
  failed: "✗",
  skipped: "–",
  stopped: "–",
  unreached: "–",
};

/** A step with its icon, what it does or did, its state and its time. */
export const StepItem = memo(function StepItem({ step, phase, now, unsaid }: StepItemProps) {
  const look = looks(step, phase);
  const note = step.note === unsaid ? "" : step.note;
  return (
    <li
      className="levada-step"
      data-state={look}
      data-category={step.category}
      data-depth={Math.min(3, step.path.split("/").length - 1)}
      aria-current={look === "current" ? "step" : undefined}
    >
      <span className="levada-mark" aria-hidden="true">
        {MARKS[look]}
      </span>
      <span className="levada-icon" aria-hidden="true">
        {step.icon}
      </span>
      <span className="levada-step-text">
        <span className="levada-step-title">{step.title || step.path}</span>
        {note ? <span className="levada-step-note">{note}</span> : null}
        {step.fraction !== undefined && look === "current" ? <progress value={step.fraction} /> : null}
      </span>
      <span className="levada-tag">{tag(step, look, phase)}</span>
      <span className="levada-step-time">{clock(step, look, now)}</span>
    </li>
  );
});

function looks(step: Step, phase: Phase): Look {
  const over = phase === "completed" || phase === "failed" || phase === "cancelled";
  if (step.state === "pending") return over ? "unreached" : "pending";
  if (step.state === "failed" && step.willRetry && !over) return "current";
  if (step.state !== "running") return step.state;
  return phase === "running" ? "current" : "running";
}

function tag(step: Step, look: Look, phase: Phase): string {
  const again = step.attempt > 1 ? `, attempt ${step.attempt}` : "";
  switch (look) {
    case "current":
      if (step.state === "failed") return "trying again ← current";
      return `${step.category ?? "running"}${again} ← current`;
    case "running":
      return phase === "waiting" ? "waiting for you" : phase === "paused" ? "paused" : phase;
    case "unreached":
      return phase === "completed" ? "not needed" : "not reached";
    default:
      return `${look}${again}`;
  }
}

/** What it took; while it runs, what it will take by experience for as long as that holds, then what it has taken. */
function clock(step: Step, look: Look, now: number | undefined): string {
  if (step.duration !== undefined) return duration(step.duration);
  if (look !== "current" || now === undefined || step.startedAt === undefined) return "";
  const taken = Math.max(0, now - step.startedAt);
  if (step.estimate !== undefined && taken < step.estimate) return estimate(step.estimate);
  return taken >= 1000 ? `${Math.floor(taken / 1000)} s` : "";
}

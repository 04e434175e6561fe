/** One step to look into: how it went, the prompts and responses of the models that it called, its events. */

import type { EventJson, ModelCall, QualityCheck, Step } from "@levada/client";
import { count, duration } from "@levada/client/react";
import { useState } from "react";
import { MARKS } from "../shell/marks";
import { CallCard } from "./call-card";
import { Checks } from "./checks";
import { gist, nameOf } from "./event";

interface StepCardProps {
  step: Step;
  calls: readonly ModelCall[];
  checks: readonly QualityCheck[];
  events: readonly EventJson[];
  /** Whether no other took longer. */
  slowest: boolean;
}

export function StepCard({ step, calls, checks, events, slowest }: StepCardProps) {
  const [open, setOpen] = useState(step.state === "failed");
  return (
    <details
      className="card step-card"
      data-state={step.state}
      data-category={step.category}
      open={open}
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary>
        <span aria-hidden="true">{MARKS[step.state]}</span>
        <strong>{step.title || step.path}</strong>
        <span className="badge">{step.state}</span>
        {step.attempt > 1 ? <span className="badge">attempt {step.attempt}</span> : null}
        {slowest ? <span className="badge">slowest</span> : null}
        {calls.length ? <span className="quiet">{count(calls.length, "model call")}</span> : null}
        <span className="step-time">{step.duration === undefined ? "" : duration(step.duration)}</span>
        {step.note ? <span className="quiet block">{step.note}</span> : null}
      </summary>
      {open ? (
        <>
          {step.reason ? (
            <p>
              Reason <code>{step.reason}</code>
            </p>
          ) : null}
          {step.estimate === undefined ? null : <p className="quiet">Usually takes {duration(step.estimate)}.</p>}
          <Checks checks={checks} />
          {calls.map((call) => (
            <CallCard
              key={`${call.stepAttempt} ${call.role} ${call.attempt} ${call.at} ${call.prompt.length}`}
              call={call}
            />
          ))}
          <details>
            <summary className="quiet">{count(events.length, "event")}</summary>
            <ol className="event-list">
              {events.map((event) => (
                <li key={event.sequence} value={Number(event.sequence)}>
                  <code>{nameOf(event)}</code> {gist(event)}
                </li>
              ))}
            </ol>
          </details>
        </>
      ) : null}
    </details>
  );
}

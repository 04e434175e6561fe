/** A run as a developer reads it: where the time went, each step with what went into it, every event as it was sent. */
import type { RunState } from "@levada/client";
import { duration, Trace } from "@levada/client/react";
import { EventLog } from "./event-log";
import { Facts } from "./facts";
import { StepCard } from "./step-card";
import { useEvents } from "./use-events";

export function DeveloperTab({ state }: { state: RunState }) {
  const { events, problem } = useEvents(state.runId);
  const calls = state.modelCalls.values();
  const slowest = Math.max(0, ...state.begun.values().map((step) => step.duration ?? 0));
  return (
    <div className="developer">
      <Facts state={state} />
      <section aria-labelledby="waterfall">
        <h2 id="waterfall">Waterfall</h2>
        <Trace state={state} />
      </section>
      <section aria-labelledby="steps">
        <h2 id="steps">Steps</h2>
        {state.begun.values().map((step) => (
          <StepCard
            key={step.path}
            step={step}
            calls={calls.filter((call) => call.step === step.path)}
            checks={state.qualities.get(step.path)?.checks ?? []}
            events={events.filter((event) => event.step === step.path)}
            slowest={slowest > 0 && step.duration === slowest}
          />
        ))}
        {calls.length ? null : (
          <p className="quiet">No language model was called, or you may not see what it was asked.</p>
        )}
      </section>
      <section aria-labelledby="log">
        <h2 id="log">Events</h2>
        {problem ? <p className="wrong">{problem}</p> : null}
        <EventLog events={events} origin={state.createdAt} />
      </section>
      {state.end ? (
        <details className="card">
          <summary>How it ended, as JSON ({duration(state.end.totals.duration)})</summary>
          <pre className="json">{JSON.stringify(state.end, null, 2)}</pre>
        </details>
      ) : null}
    </div>
  );
}

/** How an exercise was made: a card for each step, with its models, what they were asked and said, and its checks. */
import { isWithin, type ModelCall, type RunState, type Step } from "@levada/client";
import { count, duration } from "@levada/client/react";
import { useState } from "react";
import { CallCard } from "../developer/call-card";
import { Checks } from "../developer/checks";
import { MARKS } from "../shell/marks";
import { type Made, madeOf } from "./making";

interface CardsProps {
  state: RunState;
  /** Whether what was asked and said would give the exercise away. */
  secret: boolean;
}

export function Cards({ state, secret }: CardsProps) {
  return (
    <section className="making" aria-labelledby="making">
      <h2 id="making">How it was made</h2>
      {secret ? (
        <p className="quiet">What the models were asked and said can be opened once the errors are revealed.</p>
      ) : null}
      <ol className="making-cards">
        {madeOf(state).map((made) => (
          <Card key={made.name} made={made} state={state} secret={secret} />
        ))}
      </ol>
    </section>
  );
}

function Card({ made, state, secret }: { made: Made; state: RunState; secret: boolean }) {
  const last = made.rounds.at(-1);
  if (!last) return null;
  const calls = state.modelCalls.values().filter((call) => made.rounds.some(({ path }) => isWithin(call.step, path)));
  const took = made.rounds.reduce((sum, step) => sum + (step.duration ?? 0), 0);
  const begun = made.rounds.filter(({ state }) => state !== "pending").length;
  return (
    <li className="card making-card" data-state={last.state} data-category={last.category}>
      <header>
        <span aria-hidden="true">{MARKS[last.state]}</span>
        <strong>
          {last.icon} {last.title || made.name}
        </strong>
        <span className="badge">{last.state}</span>
        {begun > 1 ? <span className="badge">{count(begun, "round")}</span> : null}
        <span className="step-time">{took ? duration(took) : ""}</span>
      </header>
      <p className="quiet">{models(calls)}</p>
      {made.rounds.map((step, place) => (
        <Round key={step.path} step={step} number={made.rounds.length > 1 ? place + 1 : 0} state={state} />
      ))}
      {calls.length && !secret ? <Calls calls={calls} /> : null}
    </li>
  );
}

function Round({ step, number, state }: { step: Step; number: number; state: RunState }) {
  const checks = state.qualities.get(step.path)?.checks ?? [];
  if (!step.note && !checks.length) return null;
  return (
    <div className="making-round">
      {number ? <span className="quiet">Round {number}</span> : null}
      {step.note ? <p>{step.note}</p> : null}
      <Checks checks={checks} />
    </div>
  );
}

// Drawn only when it is opened: what models say is long.
function Calls({ calls }: { calls: readonly ModelCall[] }) {
  const [open, setOpen] = useState(false);
  return (
    <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="quiet">Prompts and responses, {count(calls.length, "model call")}</summary>
      {open
        ? calls.map((call) => (
            <CallCard key={`${call.step} ${call.stepAttempt} ${call.attempt} ${call.at}`} call={call} />
          ))
        : null}
    </details>
  );
}

/** Which models worked on it, in which role, and what they read and wrote. */
function models(calls: readonly ModelCall[]): string {
  const named = new Set(calls.map(({ role, model }) => [role, model].filter(Boolean).join(": ")));
  const tokens = calls.reduce((sum, { inputTokens, outputTokens }) => sum + inputTokens + outputTokens, 0);
  const about = calls.some(({ estimated }) => estimated) ? "about " : "";
  return [...named, tokens ? about + count(tokens, "token") : ""].filter(Boolean).join(" · ");
}

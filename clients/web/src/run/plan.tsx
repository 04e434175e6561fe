/** A plan over several sources: its operations, what each waits for, and how far it is. */

import type { Operation, Plan as PlanState } from "@levada/client";
import { Code, count, duration } from "@levada/client/react";

export function Plan({ plan }: { plan: PlanState }) {
  return (
    <section className="plan" aria-label="The plan">
      <h3>
        Plan <span className="quiet">{plan.validated ? "✓ checked" : "not checked yet"}</span>
      </h3>
      {plan.description ? <p>{plan.description}</p> : null}
      <ol>
        {plan.operations.values().map((operation) => (
          <li key={operation.id} data-state={operation.state}>
            <span className="badge">{operation.source || operation.kind}</span> {operation.description || operation.id}
            <span className="quiet"> {facts(operation)}</span>
            {operation.text ? <Asked operation={operation} /> : null}
          </li>
        ))}
      </ol>
    </section>
  );
}

function Asked({ operation }: { operation: Operation }) {
  return (
    <details>
      <summary className="quiet">what it asks</summary>
      <Code language={operation.language} text={operation.text} />
    </details>
  );
}

function facts(operation: Operation): string {
  const after = operation.dependsOn.length ? `after ${operation.dependsOn.join(", ")}` : "";
  const rows = operation.rows === undefined ? "" : count(operation.rows, "row");
  const took = operation.duration === undefined ? "" : duration(operation.duration);
  const state = { planned: after, running: "running…", done: "✓" }[operation.state];
  return [state, rows, took].filter(Boolean).join(" · ");
}

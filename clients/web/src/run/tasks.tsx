/** The tasks of a workflow and its rounds: what was added when and why, and how far each is. */
import type { RunState } from "@levada/client";
import { count } from "@levada/client/react";

export function Tasks({ state }: { state: RunState }) {
  const { iteration, tasks } = state;
  if (!tasks.size) return null;
  return (
    <section className="plan" aria-label="Tasks">
      <h3>
        Tasks{" "}
        <span className="quiet">
          {iteration ? `round ${iteration.number} of at most ${iteration.depth}, ` : ""}
          {count(tasks.size, "task")}
        </span>
      </h3>
      <ol>
        {tasks.values().map((task) => {
          const step = state.begun.values().find(({ path }) => path === task.id || path.endsWith(`/${task.id}`));
          return (
            <li key={task.id} data-state={step?.state ?? "planned"} title={task.cause || undefined}>
              {task.name || task.id}{" "}
              <span className="quiet">
                {step?.state ?? (task.dependsOn.length ? `after ${task.dependsOn.join(", ")}` : "planned")}
              </span>
            </li>
          );
        })}
      </ol>
    </section>
  );
}

/** The tasks of a workflow as a tree: what was added when and why, what each waits for, how far it is. */
import { contributionsOf, isWithin, type RunState, type TaskNode, taskTree } from "@levada/client";
import { Answer, count, duration, Steps } from "@levada/client/react";
import { type ReactNode, useMemo, useState } from "react";
import { looks, MARKS, WORDS } from "./task-looks";

export function Tasks({ state }: { state: RunState }) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: these are all that the tree is made of
  const roots = useMemo(() => taskTree(state), [state.tasks, state.begun]);
  if (!roots.length) return null;
  const round = state.iterations.last();
  return (
    <section className="tasks" aria-label="Tasks">
      <h3>
        Tasks{" "}
        <span className="quiet">
          {round ? `round ${round.number} of at most ${round.depth}, ` : ""}
          {count(state.tasks.size, "task")}
        </span>
      </h3>
      <Branch nodes={roots} state={state} />
      {state.iterations.values().map(({ number, decision }) =>
        decision ? (
          <p key={number} className="quiet">
            After round {number}: {decision}
          </p>
        ) : null,
      )}
    </section>
  );
}

function Branch({ nodes, state }: { nodes: readonly TaskNode[]; state: RunState }): ReactNode {
  return (
    <ol className="task-tree">
      {nodes.map((node) => (
        <TaskItem key={node.task.id} node={node} state={state} />
      ))}
    </ol>
  );
}

function TaskItem({ node, state }: { node: TaskNode; state: RunState }) {
  const { task, work, parts } = node;
  const look = looks(node, state);
  const took = work?.step.duration;
  const waits = look === "planned" && task.dependsOn.length ? `after ${names(task.dependsOn, state)}` : WORDS[look];
  return (
    <li data-state={look}>
      <div className="task-line">
        <span className="task-mark" aria-hidden="true">
          {MARKS[look]}
        </span>
        <span>
          <span className="task-name">{task.name || task.id}</span>{" "}
          <span className="quiet">
            {[waits, took === undefined ? "" : duration(took), task.iteration > 1 ? `round ${task.iteration}` : ""]
              .filter(Boolean)
              .join(" · ")}
          </span>
          {task.cause ? <span className="quiet block">Why: {task.cause}</span> : null}
          {work?.step.note && look !== "done" ? <span className="quiet block">{work.step.note}</span> : null}
        </span>
      </div>
      {work ? <Within node={node} state={state} /> : null}
      {parts.length ? <Branch nodes={parts} state={state} /> : null}
    </li>
  );
}

/** What was done for a task, for who wants to look: its steps, what it said. */
function Within({ node, state }: { node: TaskNode; state: RunState }) {
  const [open, setOpen] = useState(false);
  const path = node.work?.step.path ?? "";
  const steps = state.begun.values().filter((step) => step.path !== path && isWithin(step.path, path)).length;
  const told = contributionsOf(state, path);
  if (!steps && !told.length && !node.task.objective) return null;
  return (
    <details className="task-within" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="quiet">{steps ? count(steps, "step") : "what is asked"}</summary>
      {open ? (
        <>
          {node.task.objective ? <p className="quiet">{node.task.objective}</p> : null}
          <ol className="levada-steps">
            <Steps nodes={node.work?.inner ?? []} phase={state.phase} now={state.lastAt ?? 0} />
          </ol>
          {told.map(({ step, text, completed }) => (
            <Answer key={step} text={text} writing={!completed && !state.end} />
          ))}
        </>
      ) : null}
    </details>
  );
}

function names(ids: readonly string[], { tasks }: RunState): string {
  return ids.map((id) => `“${tasks.get(id)?.name || id}”`).join(", ");
}

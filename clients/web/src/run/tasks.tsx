/** The tasks of a workflow as a tree: what was added when and why, what each waits for, how far it is. */
import { contributionsOf, type Phase, type RunState, type StepNode, type TaskNode, taskTree } from "@levada/client";
import { Answer, count, duration, Steps } from "@levada/client/react";
import { createContext, memo, type ReactNode, useContext, useMemo, useState } from "react";
import { sameTask } from "./same";
import { looks, MARKS, WORDS } from "./task-looks";

// For what is open: all else is drawn anew only when there is something new of it.
const Current = createContext<RunState | undefined>(undefined);

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
      <Current.Provider value={state}>
        <Branch nodes={roots} phase={state.phase} tasks={state.tasks} />
      </Current.Provider>
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

interface TaskProps {
  node: TaskNode;
  phase: Phase;
  /** All tasks, for their names. */
  tasks: RunState["tasks"];
}

const TaskItem = memo(
  function TaskItem({ node, phase, tasks }: TaskProps) {
    const { task, work, parts } = node;
    const look = looks(node, isOver(phase));
    const took = work?.step.duration === undefined ? "" : duration(work.step.duration);
    const waits = look === "planned" && task.dependsOn.length ? `after ${names(task.dependsOn, tasks)}` : WORDS[look];
    const round = task.iteration > 1 ? `round ${task.iteration}` : "";
    return (
      <li data-state={look}>
        <div className="task-line">
          <span className="task-mark" aria-hidden="true">
            {MARKS[look]}
          </span>
          <span>
            <span className="task-name">{task.name || task.id}</span>{" "}
            <span className="quiet">{[waits, took, round].filter(Boolean).join(" · ")}</span>
            {task.cause ? <span className="quiet block">Why: {task.cause}</span> : null}
            {work?.step.note && look !== "done" ? <span className="quiet block">{work.step.note}</span> : null}
          </span>
        </div>
        {work ? <Within node={node} phase={phase} /> : null}
        {parts.length ? <Branch nodes={parts} phase={phase} tasks={tasks} /> : null}
      </li>
    );
  },
  (before, after) => before.phase === after.phase && before.tasks === after.tasks && sameTask(before.node, after.node),
);

function Branch({ nodes, ...shown }: Omit<TaskProps, "node"> & { nodes: readonly TaskNode[] }): ReactNode {
  return (
    <ol className="task-tree">
      {nodes.map((node) => (
        <TaskItem key={node.task.id} node={node} {...shown} />
      ))}
    </ol>
  );
}

/** What was done for a task, for who wants to look: its steps, what it said. */
function Within({ node, phase }: { node: TaskNode; phase: Phase }) {
  const [open, setOpen] = useState(false);
  const steps = sizeOf(node.work?.inner ?? []);
  return (
    <details className="task-within" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="quiet">{steps ? count(steps, "step") : "what is asked"}</summary>
      {open ? (
        <>
          {node.task.objective ? <p className="quiet">{node.task.objective}</p> : null}
          <Told node={node} phase={phase} />
        </>
      ) : null}
    </details>
  );
}

function Told({ node, phase }: { node: TaskNode; phase: Phase }) {
  const state = useContext(Current);
  if (!state || !node.work) return null;
  return (
    <>
      <ol className="levada-steps">
        <Steps nodes={node.work.inner} phase={phase} now={state.lastAt ?? 0} />
      </ol>
      {contributionsOf(state, node.work.step.path).map(({ step, text, completed }) => (
        <Answer key={step} text={text} writing={!completed && !state.end} />
      ))}
    </>
  );
}

function isOver(phase: Phase): boolean {
  return phase === "completed" || phase === "failed" || phase === "cancelled";
}

function sizeOf(nodes: readonly StepNode[]): number {
  return nodes.reduce((sum, { inner }) => sum + 1 + sizeOf(inner), 0);
}

function names(ids: readonly string[], tasks: RunState["tasks"]): string {
  return ids.map((id) => `“${tasks.get(id)?.name || id}”`).join(", ");
}

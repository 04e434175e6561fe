/** What a workflow finds, as it comes: each task with its findings, and in the end that the report is written. */
import { type Finding, isWithin, type RunState, type TaskNode, taskTree } from "@levada/client";
import { useMemo, useState } from "react";
import { QueryLink } from "./cited";
import { looks, MARKS } from "./task-looks";

// What is most remarkable of a task is told first.
const FIRST = 3;

export function Feed({ state }: { state: RunState }) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: these are all that the tree is made of
  const begun = useMemo(() => begunOf(taskTree(state)), [state.tasks, state.begun]);
  if (!state.tasks.size) return null;
  const findings = state.findings.values();
  const list = (
    <ol className="feed" aria-label="Findings as they come">
      {begun.map((node) => (
        <Entry
          key={node.task.id}
          node={node}
          state={state}
          findings={findings.filter(({ step }) => isWithin(step, node.work?.step.path ?? ""))}
        />
      ))}
      {state.texts.values().some(({ channel, completed }) => channel === "report" && completed) ? (
        <li data-state="done">
          <span aria-hidden="true">✅</span> <span>The report is written.</span>
        </li>
      ) : null}
    </ol>
  );
  if (!state.end) return list;
  return (
    <details className="feed-kept">
      <summary className="quiet">What each task found</summary>
      {list}
    </details>
  );
}

function Entry({ node, state, findings }: { node: TaskNode; state: RunState; findings: readonly Finding[] }) {
  const look = looks(node, state);
  const note = node.work?.step.note ?? "";
  const told = findings.some(({ text }) => note.includes(text));
  const [all, setAll] = useState(false);
  return (
    <li data-state={look}>
      <span aria-hidden="true" className={look === "running" ? "turning" : undefined}>
        {MARKS[look]}
      </span>
      <div>
        <p>
          {node.task.name || node.task.id} {note && !told ? <span className="quiet">{note}</span> : null}
        </p>
        {findings.length ? (
          <ul className="feed-found">
            {findings.slice(0, all ? undefined : FIRST).map((finding) => (
              <li key={`${finding.queryId} ${finding.text}`} data-severity={finding.severity}>
                <span aria-hidden="true">📊</span>
                <span>
                  {finding.text} <QueryLink id={finding.queryId} state={state} />
                </span>
              </li>
            ))}
          </ul>
        ) : null}
        {findings.length > FIRST && !all ? (
          <button type="button" className="button quiet-button" onClick={() => setAll(true)}>
            {findings.length - FIRST} more
          </button>
        ) : null}
      </div>
    </li>
  );
}

/** Return the tasks that began, in the order in which they did. */
function begunOf(nodes: readonly TaskNode[]): readonly TaskNode[] {
  const all = (node: TaskNode): TaskNode[] => [...(node.work ? [node] : []), ...node.parts.flatMap(all)];
  return nodes.flatMap(all).sort((one, other) => began(one) - began(other));
}

function began({ work }: TaskNode): number {
  return work?.step.startedAt ?? Number.POSITIVE_INFINITY;
}

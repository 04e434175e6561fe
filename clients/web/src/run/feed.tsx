/** What a workflow finds, as it comes: each task with its findings, and in the end that the report is written. */
import { type Finding, homeOf, type RunState, type TaskNode, taskTree } from "@levada/client";
import { memo, useMemo, useState } from "react";
import { QueryLink } from "./cited";
import { sameTask } from "./same";
import { looks, MARKS } from "./task-looks";

// What is most remarkable of a task is told first.
const FIRST = 3;

export function Feed({ state }: { state: RunState }) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: these are all that the tree is made of
  const begun = useMemo(() => begunOf(taskTree(state)), [state.tasks, state.begun]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: these are all that they are told apart by
  const found = useMemo(() => foundBy(begun, state), [begun, state.findings]);
  if (!state.tasks.size) return null;
  const list = (
    <ol className="feed" aria-label="Findings as they come">
      {begun.map((node) => (
        <Entry key={node.task.id} node={node} state={state} findings={found.get(node.task.id) ?? []} />
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

interface EntryProps {
  node: TaskNode;
  state: RunState;
  findings: readonly Finding[];
}

const Entry = memo(TaskFound, nothingNew);

function nothingNew(before: EntryProps, after: EntryProps): boolean {
  const same = before.findings.length === after.findings.length && sameTask(before.node, after.node);
  return same && (before.state.end === undefined) === (after.state.end === undefined);
}

function TaskFound({ node, state, findings }: EntryProps) {
  const look = looks(node, state.end !== undefined);
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
            {findings.slice(0, all ? undefined : FIRST).map((finding, place) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: they only ever become more, and may be alike
              <li key={place} data-severity={finding.severity}>
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

/** Return what was found for each task: by its step, or one within it. */
function foundBy(nodes: readonly TaskNode[], state: RunState): ReadonlyMap<string, readonly Finding[]> {
  const tasks = new Map(nodes.map(({ work, task }) => [work?.step.path ?? "", task.id]));
  const found = new Map<string, Finding[]>();
  for (const finding of state.findings) {
    let path = finding.step;
    while (path && !tasks.has(path)) path = homeOf(path);
    const task = tasks.get(path);
    if (task) found.set(task, [...(found.get(task) ?? []), finding]);
  }
  return found;
}

function began({ work }: TaskNode): number {
  return work?.step.startedAt ?? Number.POSITIVE_INFINITY;
}

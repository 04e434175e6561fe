// What stands within what: steps by their paths, tasks by what called for them.
import type { RunState, Step, Task, Text } from "./state.js";

/** A step with those within it, in the order in which they began. */
export interface StepNode {
  readonly step: Step;
  readonly inner: readonly StepNode[];
}

/** A task with the step that works on it, once it began, and the tasks that are its parts or that it called for. */
export interface TaskNode {
  readonly task: Task;
  readonly work: StepNode | undefined;
  readonly parts: readonly TaskNode[];
}

/** Return the path of the step that a step stands in; empty for one of the run itself. */
export function homeOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** Return whether what was said at *path* belongs to the step *outer*, or one within it. */
export function isWithin(path: string, outer: string): boolean {
  return path === outer || path.startsWith(`${outer}/`);
}

/** Return *steps* as a tree; one whose outer step is not known stands by itself. */
export function stepTree(steps: Iterable<Step>): readonly StepNode[] {
  const known = new Map<string, { step: Step; inner: StepNode[] }>();
  for (const step of steps) known.set(step.path, { step, inner: [] });
  const roots: StepNode[] = [];
  for (const node of known.values()) (outerOf(node.step.path, known)?.inner ?? roots).push(node);
  return roots;
}

function outerOf<Node>(path: string, known: ReadonlyMap<string, Node>): Node | undefined {
  for (let home = homeOf(path); home; home = homeOf(home)) {
    const node = known.get(home);
    if (node) return node;
  }
  return undefined;
}

/** Return the tasks of a workflow as a tree, each with the step that is named by its id. */
export function taskTree(state: RunState): readonly TaskNode[] {
  const work = workOf(state);
  const known = new Map<string, { task: Task; work: StepNode | undefined; parts: TaskNode[] }>();
  for (const task of state.tasks) known.set(task.id, { task, work: work.get(task.id), parts: [] });
  const roots: TaskNode[] = [];
  for (const node of known.values()) {
    const parent = node.task.parent === node.task.id ? undefined : known.get(node.task.parent);
    (parent?.parts ?? roots).push(node);
  }
  return roots;
}

// A step that is done anew under its name gets a number: "trend#2". The newest one tells how far the task is. Within a
// task's step only its parts are worked on: other steps there may well be named as some task is.
function workOf(state: RunState): ReadonlyMap<string, StepNode> {
  const found = new Map<string, StepNode>();
  const look = (node: StepNode, within: string) => {
    const name = node.step.path.slice(node.step.path.lastIndexOf("/") + 1).replace(/#\d+$/, "");
    const task = state.tasks.get(name);
    const worksOn = task !== undefined && (!within || task.parent === within);
    if (worksOn) found.set(name, node);
    for (const inner of node.inner) look(inner, worksOn ? name : within);
  };
  for (const root of stepTree(state.begun)) look(root, "");
  return found;
}

/** Return what a step, and those within it, contributed in words of its own. */
export function contributionsOf(state: RunState, path: string): readonly Text[] {
  return state.texts.values().filter(({ channel, step }) => channel === "contribution" && isWithin(step, path));
}

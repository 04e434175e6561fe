/** Whether there is anything new of a task: trees are made anew with each event, what they are made of is not. */
import type { StepNode, TaskNode } from "@levada/client";

export function sameTask(before: TaskNode, after: TaskNode): boolean {
  return (
    before.task === after.task &&
    before.work?.step === after.work?.step &&
    all(before.work?.inner ?? [], after.work?.inner ?? [], sameStep) &&
    all(before.parts, after.parts, sameTask)
  );
}

function sameStep(before: StepNode, after: StepNode): boolean {
  return before.step === after.step && all(before.inner, after.inner, sameStep);
}

function all<Node>(
  before: readonly Node[],
  after: readonly Node[],
  same: (one: Node, other: Node) => boolean,
): boolean {
  return before.length === after.length && before.every((node, place) => same(node, after[place] as Node));
}

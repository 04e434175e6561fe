// The steps of a run, those within a step below it: a few are seen at once, many when they are looked for.

import { type ReactNode, useState } from "react";
import type { Phase, Step } from "../state.js";
import type { StepNode } from "../tree.js";
import { StepItem } from "./step-item.js";
import { count } from "./words.js";

const FEW = 8;

export interface StepsProps {
  nodes: readonly StepNode[];
  phase: Phase;
  now: number;
  /** What need not be said of a step, since it is said elsewhere. */
  unsaid?: string | undefined;
  /** Whether only the outermost are shown. */
  flat?: boolean;
}

/** The items of a list of steps. */
export function Steps({ nodes, flat = false, ...shown }: StepsProps): ReactNode {
  return nodes.flatMap(({ step, inner }) => [
    <StepItem
      key={step.path}
      step={step}
      phase={shown.phase}
      now={step.state === "running" ? shown.now : undefined}
      unsaid={shown.unsaid}
    />,
    inner.length && !flat ? <Inner key={`${step.path}/`} nodes={inner} {...shown} /> : null,
  ]);
}

function Inner({ nodes, ...shown }: StepsProps) {
  const [open, setOpen] = useState(false);
  if (nodes.length <= FEW && nodes.every(({ inner }) => !inner.length)) return <Steps nodes={nodes} {...shown} />;
  return (
    <li className="levada-inner">
      <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>{summary(nodes)}</summary>
        {open ? (
          <ol className="levada-steps">
            <Steps nodes={nodes} {...shown} />
          </ol>
        ) : null}
      </details>
    </li>
  );
}

function summary(nodes: readonly StepNode[]): string {
  const are = (state: Step["state"]) => nodes.filter(({ step }) => step.state === state).length;
  const told = [`${are("done")} of ${count(nodes.length, "step")} done`];
  if (are("running")) told.push(`${are("running")} under way`);
  if (are("failed")) told.push(`${are("failed")} failed`);
  return told.join(", ");
}

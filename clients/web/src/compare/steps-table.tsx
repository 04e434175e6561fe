/** The steps of two runs, matched by their paths: how each went and how long it took. */

import type { RunState, Step } from "@levada/client";
import { duration } from "@levada/client/react";

export function StepsTable({ left, right }: { left: RunState; right: RunState }) {
  const paths = [...new Set([...left.begun.values(), ...right.begun.values()].map(({ path }) => path))];
  return (
    <section className="difference">
      <h2>Steps</h2>
      <table className="grid compare-table">
        <tbody>
          {paths.map((path) => {
            const [mine, other] = [left.begun.get(path), right.begun.get(path)];
            return (
              <tr key={path} data-differs={mine?.state !== other?.state || undefined}>
                <th scope="row">{mine?.title || other?.title || path}</th>
                <td>{told(mine)}</td>
                <td>
                  {told(other)} <span className="quiet">{change(mine, other)}</span>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

function told(step: Step | undefined): string {
  if (!step) return "not run";
  const attempt = step.attempt > 1 ? `, attempt ${step.attempt}` : "";
  return `${step.state}${attempt}${step.duration === undefined ? "" : `, ${duration(step.duration)}`}`;
}

/** Return how much longer or shorter it took, where that is more than a breath. */
function change(mine: Step | undefined, other: Step | undefined): string {
  if (mine?.duration === undefined || other?.duration === undefined) return "";
  const by = other.duration - mine.duration;
  return Math.abs(by) < 5 ? "" : `${by > 0 ? "+" : "−"}${duration(Math.abs(by))}`;
}

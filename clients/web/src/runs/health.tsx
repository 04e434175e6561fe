/** How each step did over the runs of late: how often it succeeded, was tried again, and how long it took. */
import type { RunState } from "@levada/client";
import { count, duration, useLevada } from "@levada/client/react";
import { useState } from "react";
import { useLoaded } from "../shell/loading";
import { Problem, Waiting } from "../shell/notices";
import { ScrollArea } from "../shell/scroll-area";
import { recentStates } from "./recent-states";
import { rate, stepHealth } from "./step-health";

const SPANS = [20, 50, 100];

export function HealthPage() {
  const client = useLevada();
  const [last, setLast] = useState(20);
  const { value, problem, loading, again } = useLoaded(
    (signal) => recentStates(client, last, signal),
    `health ${last}`,
  );
  return (
    <>
      <header className="page-head">
        <h1>Steps</h1>
        <p className="quiet">How each step did in the runs that ended last.</p>
      </header>
      <div className="toolbar">
        <label>
          Over the last{" "}
          <select className="field" value={last} onChange={(event) => setLast(Number(event.target.value))}>
            {SPANS.map((each) => (
              <option key={each} value={each}>
                {count(each, "run")}
              </option>
            ))}
          </select>
        </label>
        <button type="button" className="button" onClick={again} disabled={loading}>
          Look again
        </button>
        <span className="quiet" role="status">
          {value
            ? `${count(value.states.length, "run")} read${value.unread ? `, ${value.unread} could not be` : ""}`
            : ""}
        </span>
      </div>
      {problem ? <Problem text={problem} again={again} /> : null}
      {!value && !problem ? <Waiting text="Reading what happened in them…" /> : null}
      {value ? <HealthTable states={value.states} /> : null}
    </>
  );
}

function HealthTable({ states }: { states: readonly RunState[] }) {
  const all = stepHealth(states);
  if (!all.length) return <p className="empty">{states.length ? "No step ended in them." : "No run has ended yet."}</p>;
  return (
    <ScrollArea label="Steps and how they did">
      <table className="grid health">
        <thead>
          <tr>
            <th scope="col">Step</th>
            <th scope="col" className="number">
              Begun
            </th>
            <th scope="col" className="number">
              Succeeded
            </th>
            <th scope="col">Success rate</th>
            <th scope="col" className="number">
              Tried again
            </th>
            <th scope="col" className="number">
              Median
            </th>
            <th scope="col" className="number">
              Slowest
            </th>
          </tr>
        </thead>
        <tbody>
          {all.map((step) => (
            <tr key={step.path}>
              <th scope="row">
                {step.title} <span className="quiet block">{step.path}</span>
              </th>
              <td className="number">{step.begun}</td>
              <td className="number">{step.done}</td>
              <td>
                <meter min={0} max={1} low={0.8} high={0.95} optimum={1} value={rate(step)} aria-label="Success rate" />{" "}
                {Math.round(rate(step) * 100)} %
              </td>
              <td className="number">{step.retried}</td>
              <td className="number">{step.median === undefined ? "" : duration(step.median)}</td>
              <td className="number">{step.slowest === undefined ? "" : duration(step.slowest)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollArea>
  );
}

/** A run in the list. */

import type { RunJson } from "@levada/client";
import { duration } from "@levada/client/react";
import { plain, when } from "../shell/format";
import { Link } from "../shell/link";

interface RunRowProps {
  run: RunJson;
  chosen: boolean;
  choose: (runId: string) => void;
}

export function RunRow({ run, chosen, choose }: RunRowProps) {
  const id = run.runId ?? "";
  const question = run.request?.question ?? id;
  return (
    <li className="run-row">
      <input
        type="checkbox"
        aria-label={`Compare “${question}”`}
        title="Choose it to compare"
        checked={chosen}
        onChange={() => choose(id)}
      />
      <Link to={{ name: "run", id, tab: "answer" }}>
        <span className="dot" data-state={run.state} />
        <span className="run-row-text">
          <strong>{question}</strong>
          <span className="quiet">{run.summary || run.message || plain(run.state, "RUN_STATE_")}</span>
        </span>
        <span className="run-row-facts quiet">
          <span>
            {run.request?.sources?.join(", ")}{" "}
            <span className="badge" data-state={run.state}>
              {plain(run.state, "RUN_STATE_")}
            </span>
          </span>
          <span>{[when(run.createTime), took(run)].filter(Boolean).join(" · ")}</span>
        </span>
      </Link>
    </li>
  );
}

function took(run: RunJson): string {
  const milliseconds = Date.parse(run.endTime ?? "") - Date.parse(run.startTime ?? "");
  return Number.isNaN(milliseconds) ? "" : duration(milliseconds);
}

/** Chooses one of the runs of late to compare. */
import { useRuns } from "@levada/client/react";
import { plain, when } from "../shell/format";

interface PickProps {
  label: string;
  chosen: string;
  choose: (runId: string) => void;
}

export function Pick({ label, chosen, choose }: PickProps) {
  const { runs } = useRuns({ pageSize: 100 });
  const known = runs.some((run) => run.runId === chosen);
  return (
    <label className="pick">
      <span className="quiet">{label}</span>
      <select className="field" value={chosen} onChange={(event) => choose(event.target.value)}>
        <option value="">Choose a run</option>
        {chosen && !known ? <option value={chosen}>{chosen}</option> : null}
        {runs.map((run) => (
          <option key={run.runId} value={run.runId}>
            {run.request?.question} ({plain(run.state, "RUN_STATE_")}, {when(run.createTime)})
          </option>
        ))}
      </select>
    </label>
  );
}

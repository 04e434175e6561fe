/** What was asked lately, in the sidebar. */
import { useLevada } from "@levada/client/react";
import { asTheyStand, ended } from "../run/ended";
import { useRunsRound } from "./levada";
import { Link } from "./link";
import { useLoaded } from "./loading";
import { useAgainWhile } from "./use-again-while";

const SHOWN = 12;

export function Recent({ current }: { current: string }) {
  const client = useLevada();
  const round = useRunsRound();
  const { value, again } = useLoaded(() => client.list({ pageSize: SHOWN }), `recent`, round);
  const runs = value?.runs ?? [];
  useAgainWhile(!runs.every(ended), again, asTheyStand(runs));
  if (!runs.length) return <div className="recent" />;
  return (
    <nav className="recent" aria-labelledby="recent">
      <h2 id="recent">Asked lately</h2>
      <ul>
        {runs.map((run) => (
          <li key={run.runId}>
            <Link
              to={{ name: "run", id: run.runId ?? "", tab: "answer" }}
              aria-current={run.runId === current ? "page" : undefined}
              title={run.request?.question}
            >
              <span className="dot" data-state={run.state} />
              <span>{run.request?.question}</span>
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

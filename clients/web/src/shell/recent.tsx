/** What was asked lately, in the sidebar. */
import { useLevada } from "@levada/client/react";
import { useRunsRound } from "./levada";
import { Link } from "./link";
import { useLoaded } from "./loading";

const SHOWN = 12;

export function Recent({ current }: { current: string }) {
  const client = useLevada();
  const round = useRunsRound();
  const { value } = useLoaded(() => client.list({ pageSize: SHOWN }), `recent`, round);
  if (!value?.runs.length) return <div className="recent" />;
  return (
    <nav className="recent" aria-labelledby="recent">
      <h2 id="recent">Asked lately</h2>
      <ul>
        {value.runs.map((run) => (
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

/** What was asked before in the same conversation: each question with its answer in a sentence. */
import { useLevada } from "@levada/client/react";
import { useRunsRound } from "../shell/levada";
import { Link } from "../shell/link";
import { useLoaded } from "../shell/loading";
import { wordsOf } from "./unmarked";

export function Earlier({ conversation, current }: { conversation: string; current: string }) {
  const client = useLevada();
  const round = useRunsRound();
  const { value } = useLoaded(() => client.list({ conversationId: conversation, pageSize: 50 }), conversation, round);
  const turns = [...(value?.runs ?? [])].reverse();
  const place = turns.findIndex((run) => run.runId === current);
  const before = place < 0 ? [] : turns.slice(0, place);
  if (!before.length) return null;
  return (
    <nav className="earlier" aria-label="Earlier in this conversation">
      <ol>
        {before.map((run) => (
          <li key={run.runId}>
            <Link to={{ name: "run", id: run.runId ?? "", tab: "answer" }}>
              <span className="dot" data-state={run.state} />
              <strong>{run.request?.question}</strong>
              <span className="quiet">{wordsOf(run.summary || run.message || "")}</span>
            </Link>
          </li>
        ))}
      </ol>
    </nav>
  );
}

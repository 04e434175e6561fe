/** What could be asked next: one click asks it, in the same conversation and of the same sources. */
import type { RunRequestJson } from "@levada/client";
import { nextKind } from "../ask/parameters";
import { USUAL } from "../ask/request";
import { useAsking } from "../ask/use-asking";
import { Wrong } from "../shell/notices";
import { usePreferences } from "../shell/preferences";

export function FollowUps({
  questions,
  request,
}: {
  questions: readonly string[];
  request: RunRequestJson | undefined;
}) {
  const { ask, busy, problem } = useAsking();
  const { approval } = usePreferences();
  if (!questions.length) return null;
  const wish = {
    ...USUAL,
    pipeline: nextKind(request?.pipeline),
    sources: request?.sources ?? [],
    approval,
    conversation: request?.conversationId ?? "",
  };
  return (
    <section className="follow-ups" aria-labelledby="follow-ups">
      <h2 id="follow-ups">Ask next</h2>
      <ul className="chips">
        {questions.map((question) => (
          <li key={question}>
            <button type="button" className="chip" disabled={busy} onClick={() => ask({ ...wish, question })}>
              {question}
            </button>
          </li>
        ))}
      </ul>
      <Wrong text={problem} />
    </section>
  );
}

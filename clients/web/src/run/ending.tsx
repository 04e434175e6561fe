/** How a run ended, where that is not its answer: what went wrong, what was decided, what can be done. */
import type { End, RunState } from "@levada/client";

export function Ending({ state }: { state: RunState }) {
  const { end, answers } = state;
  if (!end && !answers.length) return null;
  return (
    <footer className="ending" data-kind={end?.kind}>
      {answers.map((answer) => (
        <p key={answer.id} className="quiet">
          {answered(answer.decision, answer.text)}
        </p>
      ))}
      {end ? <Told end={end} /> : null}
    </footer>
  );
}

function Told({ end }: { end: End }) {
  if (end.kind === "failed")
    return (
      <div className="failed" role="alert">
        <p>{end.message || "It failed."}</p>
        {end.tried.length ? (
          <>
            <p className="quiet">What was tried:</p>
            <ol className="quiet">
              {end.tried.map((text) => (
                <li key={text}>{text}</li>
              ))}
            </ol>
          </>
        ) : null}
        <p className="quiet">
          {end.reason ? <code>{end.reason}</code> : null} {end.retryable ? "Asking again may help." : ""}
        </p>
      </div>
    );
  if (end.kind === "cancelled")
    return (
      <p className="cancelled">
        {end.cause ? `Cancelled: ${end.cause}` : `Cancelled${end.by ? ` by ${end.by}` : ""}.`}
      </p>
    );
  return end.clarification ? <p className="clarification">{end.clarification.prompt}</p> : null;
}

function answered(decision: string | undefined, text: string): string {
  if (decision === "approve") return "You approved the query.";
  if (decision === "reject") return `You rejected the query${text ? `: ${text}` : ""}.`;
  if (decision === "edit") return "You changed the query.";
  return `You said: ${text}`;
}

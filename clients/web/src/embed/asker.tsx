/** What is inside the element: a field, and the run that answers what was asked last. */
import type { RunState } from "@levada/client";
import { ConnectionState, type FollowedRun, useAsk } from "@levada/client/react";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { newConversation } from "../ask/conversation";
import { Results } from "../run/results";
import { Work } from "../run/work";
import { Wrong } from "../shell/notices";

interface AskerProps {
  sources: readonly string[];
  /** The kind of work; empty for whichever fits. */
  pipeline: string;
  /** Asked at once; empty for none. */
  question: string;
  placeholder: string;
  ended: (state: RunState) => void;
}

export function Asker({ sources, pipeline, question, placeholder, ended }: AskerProps) {
  const [text, setText] = useState("");
  const [conversation] = useState(newConversation);
  const { ask, sending, error, run } = useAsk();
  const send = (what: string) =>
    ask({ question: what, sources: [...sources], conversationId: conversation, ...(pipeline ? { pipeline } : {}) });

  // Once per question: what else changes must not ask it again.
  const asked = useRef("");
  useEffect(() => {
    if (!question || asked.current === question) return;
    asked.current = question;
    send(question);
  });

  function submit(event: FormEvent) {
    event.preventDefault();
    if (!text.trim()) return;
    send(text.trim());
    setText("");
  }

  return (
    <div className="asker">
      <form className="composer" onSubmit={submit}>
        <input
          className="composer-text"
          aria-label="Your question"
          placeholder={placeholder}
          maxLength={10_000}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <button type="submit" className="button main" disabled={sending || !text.trim()}>
          {sending ? "Asking…" : "Ask"}
        </button>
      </form>
      <Wrong text={error?.detail} />
      {run ? <Asked key={run.state.runId} run={run} ask={send} ended={ended} /> : null}
    </div>
  );
}

interface AskedProps {
  run: FollowedRun;
  ask: (question: string) => void;
  ended: (state: RunState) => void;
}

function Asked({ run, ask, ended }: AskedProps) {
  const { state, connection, error, store } = run;
  const over = state.end !== undefined;
  const tell = useRef(() => {});
  tell.current = () => ended(state);
  useEffect(() => {
    if (over) tell.current();
  }, [over]);
  return (
    <article className="run">
      <h2 className="question">{state.question}</h2>
      <ConnectionState connection={connection} onReconnect={() => store.reconnect()} />
      <Wrong text={error?.detail} />
      {over ? null : (
        <button type="button" className="button" onClick={() => store.cancel().catch(() => {})}>
          Cancel
        </button>
      )}
      <div className="result">
        <Results state={state} respond={(answer) => store.respond(answer)} />
      </div>
      <details className="worked-out" open={!over}>
        <summary>How it was worked out</summary>
        <Work state={state} />
      </details>
      {over && state.followUps.length ? (
        <ul className="chips" aria-label="Ask next">
          {state.followUps.map((question) => (
            <li key={question}>
              <button type="button" className="chip" onClick={() => ask(question)}>
                {question}
              </button>
            </li>
          ))}
        </ul>
      ) : null}
    </article>
  );
}

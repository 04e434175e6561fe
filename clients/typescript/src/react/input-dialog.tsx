// What a run asks of a person: may this query run, or which reading is meant.

import { type FormEvent, useEffect, useId, useRef, useState } from "react";
import type { Answer } from "../api.js";
import { LevadaError } from "../errors.js";
import type { InputRequest } from "../state.js";
import { inLines } from "./sql-lines.js";

export interface InputDialogProps {
  request: InputRequest;
  /** Sends the answer: `store.respond`. What it throws is shown. */
  onAnswer: (answer: Answer) => Promise<unknown>;
}

type Send = (answer: Omit<Answer, "inputId">) => void;

/** Ask, in the page and not above it, so that what the question is about stays in sight. Takes the focus. */
export function InputDialog({ request, onAnswer }: InputDialogProps) {
  const [sending, setSending] = useState(false);
  const [wrong, setWrong] = useState("");
  const title = useId();
  const box = useRef<HTMLElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each request asks for attention anew
  useEffect(() => box.current?.focus({ preventScroll: true }), [request.id]);

  const send: Send = async (answer) => {
    setSending(true);
    setWrong("");
    try {
      await onAnswer({ inputId: request.id, ...answer });
    } catch (problem) {
      setWrong(problem instanceof LevadaError ? problem.detail : "The answer could not be sent. Try again.");
    }
    setSending(false);
  };

  const Form = request.kind === "approval" ? Approval : Clarification;
  return (
    <section ref={box} className="levada-input" role="dialog" aria-modal="false" aria-labelledby={title} tabIndex={-1}>
      <h3 id={title}>{request.prompt || "What do you mean?"}</h3>
      <Form key={request.id} request={request} send={send} sending={sending} />
      <p role="alert" className="levada-wrong">
        {wrong}
      </p>
    </section>
  );
}

interface FormProps {
  request: InputRequest;
  send: Send;
  sending: boolean;
}

function Approval({ request, send, sending }: FormProps) {
  const asked = request.language === "sql" ? inLines(request.query) : request.query;
  const [query, setQuery] = useState(asked);
  const [rejecting, setRejecting] = useState(false);
  const [cause, setCause] = useState("");
  const edited = query.trim() !== asked.trim();

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (rejecting) send({ decision: "reject", text: cause.trim() });
    else send(edited ? { decision: "edit", text: query } : { decision: "approve" });
  };

  return (
    <form onSubmit={submit}>
      <textarea
        aria-label="The query, which you may change"
        value={query}
        rows={Math.min(16, Math.max(3, query.split("\n").length))}
        spellCheck={false}
        onChange={(event) => setQuery(event.target.value)}
      />
      {rejecting ? (
        <label>
          Why not? <small>May be left empty.</small>
          <input type="text" value={cause} maxLength={1000} onChange={(event) => setCause(event.target.value)} />
        </label>
      ) : null}
      <div className="levada-buttons">
        {rejecting ? (
          <>
            <button type="submit" className="levada-button levada-danger" disabled={sending}>
              Reject it
            </button>
            <button type="button" className="levada-button" disabled={sending} onClick={() => setRejecting(false)}>
              Back
            </button>
          </>
        ) : (
          <>
            <button type="submit" className="levada-button levada-main" disabled={sending || query.trim() === ""}>
              {edited ? "Check and run the changed query" : "Run it"}
            </button>
            {edited ? (
              <button type="button" className="levada-button" onClick={() => setQuery(asked)}>
                Undo changes
              </button>
            ) : null}
            <button type="button" className="levada-button" disabled={sending} onClick={() => setRejecting(true)}>
              Reject…
            </button>
          </>
        )}
      </div>
    </form>
  );
}

function Clarification({ request, send, sending }: FormProps) {
  const [own, setOwn] = useState("");
  const field = useId();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (own.trim()) send({ text: own.trim() });
  };
  return (
    <form onSubmit={submit}>
      <div className="levada-options">
        {request.options.map((option) => (
          <button
            key={option.value}
            type="button"
            className="levada-button"
            disabled={sending}
            onClick={() => send({ text: option.value })}
          >
            {option.label || option.value}
          </button>
        ))}
      </div>
      <label htmlFor={field}>{request.options.length > 0 ? "Or in your own words" : "In your own words"}</label>
      <div className="levada-line">
        <input id={field} type="text" value={own} maxLength={1000} onChange={(event) => setOwn(event.target.value)} />
        <button type="submit" className="levada-button levada-main" disabled={sending || own.trim() === ""}>
          Send
        </button>
      </div>
    </form>
  );
}

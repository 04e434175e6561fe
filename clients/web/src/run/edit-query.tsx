/** A query, changed by a person and run anew: it is checked like any other, and what came before it is kept. */
import { type Client, type Created, type Query, type RunRequestJson, type RunState, stepsOf } from "@levada/client";
import { useLevada } from "@levada/client/react";
import { useState } from "react";
import { useAsking } from "../ask/use-asking";
import { Wrong } from "../shell/notices";

interface EditQueryProps {
  state: RunState;
  query: Query;
  /** What the run was asked for. */
  request: RunRequestJson;
}

export function EditQuery({ state, query, request }: EditQueryProps) {
  const client = useLevada();
  const { go, busy, problem } = useAsking();
  const [text, setText] = useState<string>();
  if (text === undefined)
    return (
      <button type="button" className="button quiet-button" onClick={() => setText(query.text)}>
        Change the query
      </button>
    );
  const run = () => go(() => again(client, state, query, request, text));
  return (
    <div className="edit-query">
      <textarea
        className="field code"
        aria-label="The query"
        spellCheck={false}
        rows={Math.min(16, text.split("\n").length + 1)}
        value={text}
        // biome-ignore lint/a11y/noAutofocus: it was opened to be written in
        autoFocus
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => event.key === "Escape" && setText(undefined)}
      />
      <div className="toolbar">
        <button type="button" className="button main" onClick={run} disabled={busy || !text.trim()}>
          Run it
        </button>
        <button type="button" className="button" onClick={() => setText(undefined)}>
          Leave it
        </button>
      </div>
      <Wrong text={problem} />
    </div>
  );
}

function again(client: Client, state: RunState, query: Query, request: RunRequestJson, text: string): Promise<Created> {
  if (request.pipeline === "query")
    return client.fork(state.runId, { step: stepBefore(state, query.step), query: text });
  // A run that chose its pipeline by itself can't be told a query; one that is told where to go can.
  const { question = "", conversationId = "", options = {} } = request;
  const asked = { question, conversationId, options, pipeline: "query", sources: [query.source] };
  return client.create({ ...asked, query: { query: text } });
}

/** Return the step that was done last before *path*; that one writes the query, so it has to run anew. */
function stepBefore(state: RunState, path: string): string {
  const steps = stepsOf(state);
  const place = steps.findIndex((step) => step.path === path);
  return steps.slice(0, Math.max(0, place)).findLast((step) => step.state === "done")?.path ?? "";
}

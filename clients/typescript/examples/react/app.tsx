// A question, and everything that comes of it, from Levada's hooks and components.

import { chartOf, operationOf, queryOf, tableOf, textOf } from "@levada/client";
import {
  Answer,
  Chart,
  ConnectionState,
  type FollowedRun,
  InputDialog,
  ResultTable,
  RunProgress,
  SqlView,
  useAsk,
} from "@levada/client/react";
import { type FormEvent, useState } from "react";

export function App() {
  const { ask, sending, error, run } = useAsk();
  const [question, setQuestion] = useState("Revenue by month");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void ask(question);
  };
  return (
    <main>
      <form onSubmit={submit}>
        <input aria-label="Your question" value={question} onChange={(event) => setQuestion(event.target.value)} />
        <button type="submit" className="levada-button levada-main" disabled={sending || !question.trim()}>
          Ask
        </button>
      </form>
      {error ? <p role="alert">{error.detail}</p> : null}
      {run ? <Run run={run} onFollowUp={ask} /> : null}
    </main>
  );
}

function Run({ run, onFollowUp }: { run: FollowedRun; onFollowUp: (question: string) => unknown }) {
  const { state, connection, store } = run;
  const live = !state.end;
  const query = queryOf(state);
  const table = tableOf(state);
  const chart = table && chartOf(state, table.id);
  return (
    <>
      <ConnectionState connection={connection} onReconnect={store.reconnect} />
      <RunProgress state={state} />
      {live ? (
        <button type="button" className="levada-button" onClick={() => void store.cancel()}>
          Cancel
        </button>
      ) : null}
      {state.input ? <InputDialog request={state.input} onAnswer={store.respond} /> : null}
      {query ? <SqlView query={query} operation={operationOf(state, query)} live={live} /> : null}
      {table ? <ResultTable table={table} live={live} /> : null}
      {chart && table ? <Chart chart={chart} table={table} /> : null}
      <Answer text={textOf(state, "answer")} writing={live} />
      <div className="levada-buttons">
        {state.followUps.map((question) => (
          <button key={question} type="button" className="levada-button" onClick={() => onFollowUp(question)}>
            {question}
          </button>
        ))}
      </div>
    </>
  );
}

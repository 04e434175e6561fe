/// <reference types="vite/client" />
// Components by themselves, driven from a test: `harness.table(1_000_000)`, `harness.run(events)`, `harness.answer(…)`.

import "@levada/client/react/styles.css";
import {
  chartOf,
  type EventJson,
  initialState,
  operationOf,
  queryOf,
  type RunState,
  reduce,
  tableOf,
  textOf,
} from "@levada/client";
import {
  Answer,
  Chart,
  type ChartHandle,
  ConnectionState,
  InputDialog,
  ResultTable,
  RunProgress,
  SqlView,
  Trace,
} from "@levada/client/react";
import { createRef, type ReactNode } from "react";
import { createRoot } from "react-dom/client";
import { rows } from "./rows.js";

const root = document.getElementById("root");
if (!root) throw new Error("The page has no #root.");
const react = createRoot(root);
const chart = createRef<ChartHandle>();

const show = (what: ReactNode) => react.render(what);
const frame = () => new Promise(requestAnimationFrame);

function Run({ state }: { state: RunState }) {
  const [query, table, live] = [queryOf(state), tableOf(state), !state.end];
  const described = table && chartOf(state, table.id);
  return (
    <>
      <h1 style={{ overflowWrap: "anywhere" }}>{state.question}</h1>
      <ConnectionState connection={{ kind: "open" }} />
      <RunProgress state={state} />
      {state.input ? <InputDialog request={state.input} onAnswer={async () => {}} /> : null}
      {query ? <SqlView query={query} operation={operationOf(state, query)} live={live} /> : null}
      {table ? <ResultTable table={table} live={live} /> : null}
      {described && table ? <Chart chart={described} table={table} ref={chart} /> : null}
      <Answer text={textOf(state, "answer")} />
      <Trace state={state} />
    </>
  );
}

const harness = {
  /** Stream a table of *count* rows, a batch of 5,000 each frame; resolve once all are there, or that many *batches*. */
  async table(count: number, batches = Number.POSITIVE_INFINITY) {
    let frames = 0;
    for (const table of rows(count)) {
      show(<ResultTable table={table} live={!table.completed} />);
      await frame();
      if (frames++ === batches) return;
    }
  },
  run(events: readonly EventJson[]) {
    show(<Run state={events.reduce(reduce, initialState("r"))} />);
  },
  answer(text: string, writing: boolean) {
    show(<Answer text={text} writing={writing} />);
  },
  svg: () => chart.current?.svg(),
  png: async () => (await chart.current?.png())?.size,
};

declare global {
  interface Window {
    harness: typeof harness;
  }
}
window.harness = harness;

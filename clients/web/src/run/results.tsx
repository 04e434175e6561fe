/** What comes of a run, in a fixed order so that nothing jumps: what is asked of a person, answer, chart, rows. */
import { chartOf, currentSteps, type Answer as Given, type RunState, tableOf, textOf } from "@levada/client";
import { Answer, CopyButton, InputDialog, ResultTable } from "@levada/client/react";
import { lazy, Suspense } from "react";
import { makesExercise } from "../exercise/making";
import { Agents } from "./agents";
import { ChartPart } from "./chart-part";
import { Citing } from "./cited";
import { Ending } from "./ending";
import { Feed } from "./feed";
import { Findings } from "./findings";
import { OtherTables } from "./other-tables";
import { wordsOf } from "./unmarked";

const ExercisePart = lazy(() => import("../exercise/part").then((module) => ({ default: module.ExercisePart })));

interface ResultsProps {
  state: RunState;
  /** Answers what the run asks of a person; undefined where nobody can. */
  respond?: ((answer: Given) => Promise<void>) | undefined;
}

export function Results({ state, respond }: ResultsProps) {
  const table = tableOf(state);
  const chart = table && chartOf(state, table.id);
  return (
    <Citing state={state}>
      {state.input && respond ? <InputDialog key={state.input.id} request={state.input} onAnswer={respond} /> : null}
      <Words state={state} />
      <Feed state={state} />
      <Agents state={state} />
      {makesExercise(state) ? (
        <Suspense fallback={null}>
          <ExercisePart key={state.runId} state={state} />
        </Suspense>
      ) : null}
      {chart && table ? <ChartPart chart={chart} table={table} /> : null}
      {table ? (
        <section className="rows" aria-label="Rows">
          <ResultTable table={table} live={!state.end} />
        </section>
      ) : null}
      <OtherTables state={state} shown={table} />
      <Ending state={state} />
    </Citing>
  );
}

function Words({ state }: { state: RunState }) {
  const [answer, report] = [textOf(state, "answer"), textOf(state, "report")];
  const writing = state.texts.values().some(({ channel, completed }) => isProse(channel) && !completed) && !state.end;
  const summary = state.end?.kind === "completed" ? state.end.summary : "";
  const told = wordsOf([answer, report].filter(Boolean).join("\n\n"));
  return (
    <section className="answer" aria-label="Answer">
      {summary && !tells(told, summary) ? <p className="summary">{summary}</p> : null}
      <p className="unseen" role="status">
        {summary}
      </p>
      {answer ? <Answer text={answer} writing={writing && !report} /> : null}
      {report ? <Answer text={report} writing={writing} /> : null}
      {state.end && told ? (
        <CopyButton text={() => [answer, report].filter(Boolean).join("\n\n")} label="Copy the answer" />
      ) : null}
      {state.tasks.size + state.agents.size ? null : (
        <Findings findings={state.findings.values()} told={`${told} ${summary}`} />
      )}
      {told || summary || state.end || somethingSeen(state) ? null : <ToCome state={state} />}
    </section>
  );
}

/** Return whether each sentence of a summary stands in what was told. */
function tells(told: string, summary: string): boolean {
  return wordsOf(summary)
    .split(/(?<=[.!?])\s+(?=\p{Lu})/u)
    .every((sentence) => told.includes(sentence));
}

/** Return whether what is under way shows more than that an answer will come. */
function somethingSeen(state: RunState): boolean {
  return state.tasks.size > 0 || state.agents.size > 0 || makesExercise(state);
}

function isProse(channel: string): boolean {
  return channel === "answer" || channel === "report";
}

function ToCome({ state }: { state: RunState }) {
  if (state.input) return null;
  const [step] = currentSteps(state);
  return (
    // The panel of progress tells the same to screen readers.
    <div className="to-come" aria-hidden="true" data-phase={state.phase}>
      {step ? (
        <p>
          {step.icon} {step.note || step.title}
        </p>
      ) : null}
      <span />
      <span />
      <span />
    </div>
  );
}

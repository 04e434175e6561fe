import { type EventJson, initialState, reduce } from "@levada/client";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import { Agents } from "../src/run/agents";
import { Feed } from "../src/run/feed";
import { Tasks } from "../src/run/tasks";

function after(...events: Omit<EventJson, "sequence">[]) {
  return events.map((event, index) => ({ ...event, sequence: String(index + 1) })).reduce(reduce, initialState("r"));
}

const text = (markup: string) => markup.replace(/<[^>]*>/g, " ").replace(/\s+/g, " ");

test("an agent is shown with its role, whom it asked, and that it was cut short", () => {
  const state = after(
    { step: "answer", attempt: 1, agentStarted: { agent: "analyst", role: "primary" } },
    {
      step: "answer",
      attempt: 1,
      agentInteraction: { fromAgent: "analyst", toAgent: "librarian", query: "Where?", response: "Here." },
    },
    {
      step: "answer",
      attempt: 1,
      agentCompleted: { agent: "analyst", text: "So far.", partial: true, duration: "2s" },
    },
  );
  const said = text(renderToStaticMarkup(<Agents state={state} />));
  expect(said).toContain("analyst primary cut short 2.0 s");
  expect(said).toContain("analyst → librarian Where?");
});

test("what the answering agent says is not said twice", () => {
  const channel = "CHANNEL_ANSWER" as const;
  const state = after(
    { step: "answer", attempt: 1, agentStarted: { agent: "writer", role: "primary" } },
    { step: "answer", attempt: 1, textCompleted: { channel, text: "It is so." } },
    { step: "answer", attempt: 1, agentCompleted: { agent: "writer", text: "It is so." } },
  );
  expect(text(renderToStaticMarkup(<Agents state={state} />))).not.toContain("It is so.");
});

const TASKS: Omit<EventJson, "sequence">[] = [
  { taskPlanned: { taskId: "trend", name: "Look at the trend" } },
  { taskPlanned: { taskId: "why", name: "Find out why", dependsOn: ["trend"] } },
  { step: "iteration-1/trend", attempt: 1, stepStarted: { title: "Trend" } },
];

test("a task is as far as the step whose path ends in its id", () => {
  const said = text(renderToStaticMarkup(<Tasks state={after(...TASKS)} />));
  expect(said).toContain("Look at the trend running");
  expect(said).toContain("Find out why after “Look at the trend”");
});

test("a task that no step was made for before the run ended was not reached", () => {
  const state = after(...TASKS, { failed: { message: "No." } });
  expect(text(renderToStaticMarkup(<Tasks state={state} />))).toContain("Find out why not reached");
});

test("what is found within a task's steps is found by the task", () => {
  const state = after(
    ...TASKS,
    { step: "iteration-1/trend/analyze", attempt: 1, finding: { text: "Revenue fell by 41%." } },
    { step: "iteration-1/trend-of-others", attempt: 1, finding: { text: "Another task's." } },
  );
  const said = text(renderToStaticMarkup(<Feed state={state} />));
  expect(said).toContain("Look at the trend 📊 Revenue fell by 41%.");
  expect(said).not.toContain("Another task's.");
});

import { type EventJson, initialState, reduce } from "@levada/client";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import { Agents } from "../src/run/agents";
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
  expect(said).toContain("analyst primary cut short, 2.0 s");
  expect(said).toContain("asked librarian: Where?");
});

test("a task is as far as the step whose path ends in its id", () => {
  const state = after(
    { taskPlanned: { taskId: "trend", name: "Look at the trend" } },
    { taskPlanned: { taskId: "why", name: "Find out why", dependsOn: ["trend"] } },
    { step: "iteration-1/trend", attempt: 1, stepStarted: { title: "Trend" } },
  );
  const said = text(renderToStaticMarkup(<Tasks state={state} />));
  expect(said).toContain("Look at the trend running");
  expect(said).toContain("Find out why after trend");
});

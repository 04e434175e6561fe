import { describe, expect, it, test } from "vitest";
import { PARAMETERS, withServed } from "../src/ask/parameters";
import { request, USUAL } from "../src/ask/request";

const wish = { ...USUAL, question: " Revenue? ", sources: [], approval: false, conversation: "c" };

test("what was not chosen is left to the server", () => {
  expect(request(wish)).toEqual({ question: "Revenue?", sources: [], conversationId: "c", options: {} });
});

test("what was chosen is asked for in the contract's words", () => {
  const { sources, options } = request({
    ...wish,
    sources: ["shop"],
    approval: true,
    analysis: "DEEP",
    dryRun: true,
    model: "offline",
  });
  expect(sources).toEqual(["shop"]);
  expect(options).toEqual({
    requireApproval: true,
    analyze: "ANALYSIS_DEEP",
    dryRun: true,
    models: { default: "offline" },
  });
});

describe("what the server says can be given", () => {
  const served = ["agents.primary_agent", "agents.supporting_agents", "agents.mode"].map((parameter) => ({
    parameter,
    options: [{ value: "pilot", label: "Pilot" }, { value: "cook" }],
  }));
  const shown = (PARAMETERS.agents ?? []).map((each) => withServed(each, served));

  it("is picked from, and nothing picked leaves it to the server", () => {
    const primary = shown.find(({ name }) => name === "primaryAgent");
    expect(primary).toMatchObject({ kind: "choice" });
    expect(primary?.choices?.map(({ value, label }) => [value, label])).toEqual([
      ["", "who fits best"],
      ["pilot", "Pilot"],
      ["cook", "cook"],
    ]);
  });

  it("is named where several can be given", () => {
    expect(shown.find(({ name }) => name === "supportingAgents")).toMatchObject({ kind: "list", hint: "pilot, cook" });
  });

  it("is left to words where the server says nothing", () => {
    expect((PARAMETERS.agents ?? []).map((each) => withServed(each, []))).toEqual(PARAMETERS.agents);
  });
});

import { describe, expect, it, test } from "vitest";
import { choicesFor, PARAMETERS } from "../src/ask/parameters";
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
  const served = ["primary_agent", "supporting_agents", "mode"].map((name) => ({
    parameter: `agents.${name}`,
    options: [{ value: "pilot", label: "Pilot", description: "Flies." }, { value: "cook" }],
  }));
  const agents = PARAMETERS.agents ?? [];

  it("is what can be chosen, by its own names", () => {
    for (const parameter of agents)
      expect(choicesFor(parameter, served)).toEqual([
        { value: "pilot", label: "Pilot", told: "Flies." },
        { value: "cook", label: "cook", told: "" },
      ]);
  });

  it("is nothing where the server says nothing", () => {
    expect(agents.map((each) => choicesFor(each, []))).toEqual(agents.map(() => []));
  });
});

test("who answers already does not help as well", () => {
  const values = { primaryAgent: "pilot", supportingAgents: "cook, pilot,guard" };
  expect(request({ ...wish, pipeline: "agents", values })).toMatchObject({
    agents: { primaryAgent: "pilot", supportingAgents: ["cook", "guard"] },
  });
  expect(request({ ...wish, pipeline: "agents", values: { supportingAgents: " , " } })).not.toHaveProperty("agents");
});

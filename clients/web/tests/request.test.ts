import { expect, test } from "vitest";
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

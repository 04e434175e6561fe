// @vitest-environment happy-dom
// A query while it is written, checked, refused and run.

import { cleanup, configure, render, screen, waitFor } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";
import { SqlView } from "../../src/react/sql-view.js";
import type { Operation, Query } from "../../src/state.js";

configure({ asyncUtilTimeout: 20_000 }); // as long as a busy machine may take

afterEach(cleanup);

const QUERY: Query = {
  id: "q",
  step: "s",
  attempt: 1,
  source: "shop",
  language: "sql",
  text: "SELECT '<b>' FROM t WHERE a > 1",
  validatedText: "",
  state: "proposed",
  rule: "",
  message: "",
  rowLimit: undefined,
  explanation: "",
  confidence: undefined,
  unusedWords: [],
  author: "offline",
  repairs: "",
  proposedAt: undefined,
};
const RAN: Operation = {
  id: "q",
  step: "s",
  source: "shop",
  kind: "sql",
  description: "",
  dependsOn: [],
  text: "",
  language: "json",
  state: "done",
  startedAt: 1,
  rows: 3,
  duration: 26,
};

it("is coloured once the highlighter is there, with the same text and no HTML of its own", async () => {
  const { container } = render(<SqlView query={QUERY} />);
  expect(container.querySelector("pre")?.textContent).toBe(QUERY.text);
  await waitFor(() => expect(container.querySelector(".hljs-keyword")?.textContent).toBe("SELECT"));
  expect(container.querySelector("pre")?.textContent).toBe(QUERY.text);
  expect(container.querySelector("pre b")).toBeNull();
});

it("says how far it is", () => {
  const { rerender } = render(<SqlView query={{ ...QUERY, id: "", state: "writing" }} live />);
  const said = () => screen.getByRole("status").textContent;
  expect(said()).toBe("being written…");
  rerender(<SqlView query={{ ...QUERY, id: "", state: "writing" }} />);
  expect(said()).toBe("not finished");
  rerender(<SqlView query={{ ...QUERY, state: "validated", rowLimit: 10_000 }} />);
  expect(said()).toBe("✓ checked, at most 10,000 rows");
  rerender(<SqlView query={{ ...QUERY, state: "refused", rule: "function", message: "Not load_file." }} />);
  expect(said()).toBe("✗ refused (function)");
  expect(document.body.textContent).toContain("Not load_file.");
});

it("tells who wrote it, how sure they are, and how long it took, where that is known", () => {
  const { container, rerender } = render(<SqlView query={QUERY} />);
  const facts = () => container.querySelector(".levada-facts")?.textContent;
  expect(facts()).toBe("shop · by the offline planner");
  rerender(<SqlView query={{ ...QUERY, confidence: 0.955 }} operation={RAN} />);
  expect(facts()).toBe("shop · by the offline planner · 96% sure · 3 rows in 26 ms");
});

it("shows the text that really ran where it is another one", () => {
  render(<SqlView query={{ ...QUERY, state: "validated", validatedText: "SELECT 1 LIMIT 10" }} />);
  expect(document.querySelector("details")?.textContent).toContain("SELECT 1 LIMIT 10");
});

it("names words that were not used", () => {
  render(<SqlView query={{ ...QUERY, unusedWords: ["frobnicated"] }} />);
  expect(document.body.textContent).toContain("Not used: frobnicated");
});

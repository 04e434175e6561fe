// @vitest-environment happy-dom
// What a run asks of a person, and the answers that go back.

import { cleanup, configure, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import { LevadaError } from "../../src/errors.js";
import { InputDialog } from "../../src/react/input-dialog.js";
import type { InputRequest } from "../../src/state.js";

configure({ asyncUtilTimeout: 20_000 }); // as long as a busy machine may take

afterEach(cleanup);

const APPROVAL: InputRequest = {
  id: "i1",
  step: "approve",
  kind: "approval",
  prompt: "May this query run?",
  options: [],
  query: "SELECT 1",
  language: "sql",
};
const CLARIFICATION: InputRequest = {
  ...APPROVAL,
  kind: "clarification",
  prompt: "Which revenue?",
  options: [
    { value: "net", label: "Net revenue" },
    { value: "gross", label: "Gross revenue" },
  ],
};

function asked(request: InputRequest, onAnswer = vi.fn(async () => {})) {
  render(<InputDialog request={request} onAnswer={onAnswer} />);
  return onAnswer;
}

function press(name: string | RegExp): void {
  fireEvent.click(screen.getByRole("button", { name }));
}

it("takes the focus and is named by its question", () => {
  asked(APPROVAL);
  expect(document.activeElement).toBe(screen.getByRole("dialog", { name: "May this query run?" }));
});

it("shows a query that stands on one line in lines, and approves it unchanged", () => {
  const query = 'SELECT "name", "city" FROM "customers" WHERE "city" = \'Porto\' LIMIT 1001';
  const onAnswer = asked({ ...APPROVAL, query });
  const text = screen.getByLabelText<HTMLTextAreaElement>("The query, which you may change");
  expect(text.value.split("\n")).toHaveLength(5);
  press("Run it");
  expect(onAnswer).toHaveBeenCalledWith({ inputId: "i1", decision: "approve" });
});

it("approves the query as it stands", () => {
  const onAnswer = asked(APPROVAL);
  press("Run it");
  expect(onAnswer).toHaveBeenCalledWith({ inputId: "i1", decision: "approve" });
});

it("sends a changed query as an edit, and says so before", () => {
  const onAnswer = asked(APPROVAL);
  fireEvent.change(screen.getByRole("textbox"), { target: { value: "SELECT 2" } });
  press("Check and run the changed query");
  expect(onAnswer).toHaveBeenCalledWith({ inputId: "i1", decision: "edit", text: "SELECT 2" });
});

it("rejects only when asked twice, with a reason that may be empty", () => {
  const onAnswer = asked(APPROVAL);
  press("Reject…");
  expect(onAnswer).not.toHaveBeenCalled();
  press("Reject it");
  expect(onAnswer).toHaveBeenCalledWith({ inputId: "i1", decision: "reject", text: "" });
});

it("offers readings to choose from, and own words", () => {
  const onAnswer = asked(CLARIFICATION);
  press("Gross revenue");
  expect(onAnswer).toHaveBeenLastCalledWith({ inputId: "i1", text: "gross" });
});

it("takes own words, but not none", async () => {
  const onAnswer = asked(CLARIFICATION);
  expect(screen.getByRole("button", { name: "Send" })).toHaveProperty("disabled", true);
  fireEvent.change(screen.getByRole("textbox"), { target: { value: " after returns " } });
  press("Send");
  expect(onAnswer).toHaveBeenCalledWith({ inputId: "i1", text: "after returns" });
  await waitFor(() => expect(screen.getByRole("button", { name: "Send" })).toHaveProperty("disabled", false));
});

it("says why an answer was not taken, and lets it be sent again", async () => {
  asked(
    APPROVAL,
    vi.fn(async () => {
      throw new LevadaError({ status: 409, detail: "The run has its answer already." });
    }),
  );
  press("Run it");
  await waitFor(() => expect(screen.getByRole("alert").textContent).toBe("The run has its answer already."));
  expect(screen.getByRole("button", { name: "Run it" })).toHaveProperty("disabled", false);
});

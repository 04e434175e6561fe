// What a run asks of a person: approve a query, or say which reading is meant.

import { element } from "/static/dom.js";

// Returns the form; `send(answer)` returns what went wrong, if something did.
export function inputForm(asked, send) {
  const wrong = element("p", { class: "wrong", role: "alert" });
  const buttons = element("div", { class: "chips" });
  const form = element("form", { class: "input" }, element("p", {}, asked.prompt ?? "What do you mean?"));

  async function answer(body) {
    for (const button of form.querySelectorAll("button")) button.disabled = true;
    wrong.textContent = (await send(body)) ?? "";
    for (const button of form.querySelectorAll("button")) button.disabled = false;
  }

  const button = (text, body, style = "") =>
    element("button", { type: "button", class: style, onclick: () => answer(typeof body === "function" ? body() : body) }, text);

  if (asked.kind === "INPUT_KIND_APPROVAL") {
    const query = element("textarea", { rows: 8, "aria-label": "The query", spellcheck: "false" });
    query.value = asked.query ?? "";
    const approved = () =>
      query.value === asked.query ? { decision: "DECISION_APPROVE" } : { decision: "DECISION_EDIT", text: query.value };
    buttons.append(button("Run it", approved, "main"), button("Reject", { decision: "DECISION_REJECT" }));
    form.append(query, buttons, wrong);
    return form;
  }

  const own = element("input", { type: "text", "aria-label": "In your own words", placeholder: "Or in your own words" });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (own.value.trim()) answer({ text: own.value });
  });
  buttons.append(...(asked.options ?? []).map((option) => button(option.label || option.value, { text: option.value })));
  form.append(buttons, element("div", { class: "line" }, own, element("button", {}, "Send")), wrong);
  return form;
}

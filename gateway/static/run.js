// One run on the page: its steps, query, rows, findings, chart, and what it asks, each as its event comes.

import { picture } from "/static/chart.js";
import { element, prose } from "/static/dom.js";
import { inputForm } from "/static/input.js";
import { Table, count } from "/static/rows.js";
import { Steps } from "/static/steps.js";

const TEXTS = { CHANNEL_EXPLANATION: "How it was read", CHANNEL_ANSWER: "Answer", CHANNEL_REPORT: "Report" };

export class Run {
  // `ask(question)` asks a next one; `post(verb, body)` steers this run.
  constructor(question, { ask, post }) {
    this.ask = ask;
    this.post = post;
    this.steps = new Steps();
    this.tables = new Map();
    this.texts = new Map();
    this.attempts = new Map();
    this.said = [];
    this.inputs = new Map();
    this.state = element("span", { class: "state" }, "sending");
    this.connection = element("p", { class: "lost", role: "status", hidden: true });
    this.cancel = element("button", { type: "button", onclick: () => this.stop() }, "Cancel");
    this.title = element("h2", {}, question);
    this.results = element("div", { class: "results" });
    const head = element("div", { class: "line" }, this.title, this.state, this.cancel);
    this.close = element("div", { class: "results" });
    this.element = element("article", {}, head, this.connection, this.steps.element, this.results, this.close);
  }

  async stop() {
    this.cancel.disabled = true;
    const problem = await this.post("cancel", {});
    if (problem) this.note(problem.detail);
    this.cancel.disabled = false;
  }

  lost(why = "Connection lost, retrying…") {
    this.connection.textContent = why;
    this.connection.hidden = false;
  }

  found() {
    this.connection.hidden = true;
  }

  refused(problem) {
    this.found();
    this.end("failed", problem.detail);
  }

  event(name, payload, event) {
    this.now = event.step ?? "";
    if (name === "step_started") this.renew(event);
    this.steps.event(name, payload, event);
    this[name]?.(payload, event);
  }

  // A new attempt of a step makes void what the one before streamed.
  renew(event) {
    const before = this.attempts.get(event.step) ?? 0;
    this.attempts.set(event.step, event.attempt ?? 1);
    if ((event.attempt ?? 1) <= before) return;
    for (const { step, part } of this.said) if (step === event.step && before) part.remove();
    for (const key of [...this.texts.keys()]) if (key.startsWith(`${event.step} `)) this.texts.delete(key);
  }

  say(part) {
    this.said.push({ step: this.now, part });
    this.results.append(part);
    return part;
  }

  note(text, style = "quiet") {
    return this.say(element("p", { class: style }, text));
  }

  queued(payload) {
    this.state.textContent = (payload.position ?? 1) > 1 ? `waiting, ${payload.position - 1} ahead` : "waiting";
  }

  started(payload) {
    this.title.textContent = payload.question || this.title.textContent;
    this.state.textContent = "running";
  }

  paused() {
    this.state.textContent = "paused";
  }

  resumed() {
    this.state.textContent = "running";
  }

  text_delta(payload, event) {
    const text = this.text(payload.channel, event);
    text.whole += payload.text ?? "";
    text.show();
  }

  text_completed(payload, event) {
    const text = this.text(payload.channel, event);
    text.whole = payload.text ?? text.whole;
    text.show();
  }

  text(channel, event) {
    const key = `${event.step} ${event.attempt} ${channel}`;
    if (!this.texts.has(key)) this.texts.set(key, channel === "CHANNEL_SQL" ? this.code() : this.words(channel));
    return this.texts.get(key);
  }

  code(language = "SQL") {
    const code = element("code");
    const mark = element("span", { class: "tag" });
    const part = element("section", { class: "query" }, element("h3", {}, language, " ", mark), element("pre", { tabindex: 0 }, code));
    this.say(part);
    this.query = { part, code, mark };
    return { whole: "", show() { code.textContent = this.whole; } };
  }

  words(channel) {
    const body = element("div", { class: "prose" });
    const title = TEXTS[channel] ? element("h3", {}, TEXTS[channel]) : null;
    this.say(element("section", {}, title, body));
    return { whole: "", show() { prose(body, this.whole); } };
  }

  query_proposed(payload) {
    if (!this.query?.part.isConnected || this.query.id) this.code();
    this.query.id = payload.queryId;
    this.query.code.textContent = payload.text ?? "";
    const told = [...this.texts.values()].some((text) => text.whole.includes(payload.explanation));
    if (payload.explanation && !told) this.query.part.append(element("p", { class: "quiet" }, payload.explanation));
    if (payload.unusedWords?.length) {
      this.query.part.append(element("p", { class: "warning" }, `⚠ Not used: ${payload.unusedWords.join(", ")}`));
    }
  }

  query_validated(payload) {
    if (!this.query) return;
    const most = Number(payload.rowLimit ?? 0).toLocaleString("en");
    this.query.mark.textContent = payload.rowLimit ? `✓ checked, at most ${most} rows` : "✓ checked";
    if (!payload.text || payload.text === this.query.code.textContent) return;
    const exact = element("pre", { tabindex: 0 }, element("code", {}, payload.text));
    this.query.part.append(element("details", { class: "quiet" }, element("summary", {}, "As it runs"), exact));
  }

  query_refused(payload) {
    if (this.query) this.query.mark.textContent = "✗ refused";
    this.note(payload.message ?? "The query was refused.", "wrong");
  }

  step_failed(payload) {
    if (payload.message) this.note(payload.message, "wrong");
  }

  schema_matched(payload) {
    for (const problem of payload.problems ?? []) this.note(`⚠ ${problem}`, "warning");
    for (const value of payload.linkedValues ?? []) this.note(`“${value.words}” is ${value.table}.${value.column} = ${value.value}`);
  }

  table_started(payload) {
    const table = new Table(payload);
    this.tables.set(payload.tableId, table);
    this.say(element("section", {}, element("h3", {}, "Rows"), table.element));
  }

  table_rows(payload) {
    this.tables.get(payload.tableId)?.add(payload);
  }

  table_completed(payload) {
    this.tables.get(payload.tableId)?.end(payload);
  }

  finding(payload) {
    if (!this.findings?.isConnected) {
      this.findings = element("ul", { class: "findings" });
      this.say(element("section", {}, element("h3", {}, "Findings"), this.findings));
    }
    const severity = payload.severity === "SEVERITY_HIGH" ? "high" : "";
    this.findings.append(element("li", { class: severity }, payload.text ?? ""));
  }

  chart(payload) {
    const table = this.tables.get(payload.tableId);
    const drawn = table ? picture(payload, table) : null;
    if (drawn) this.say(element("section", {}, drawn, element("p", { class: "quiet" }, payload.cause ?? "")));
  }

  follow_ups(payload) {
    const chips = (payload.questions ?? []).map((text) => element("button", { type: "button", onclick: () => this.ask(text) }, text));
    if (chips.length) this.close.append(element("section", {}, element("h3", {}, "Ask next"), element("div", { class: "chips" }, ...chips)));
  }

  input_requested(payload) {
    this.state.textContent = "waiting for you";
    const form = inputForm(payload, async (answer) => (await this.post("respond", { inputId: payload.inputId, ...answer }))?.detail);
    this.inputs.set(payload.inputId, form);
    this.say(form);
    form.querySelector("button, input, textarea")?.focus({ preventScroll: true });
  }

  input_received(payload) {
    this.state.textContent = "running";
    const decided = { DECISION_APPROVE: "Approved.", DECISION_REJECT: "Rejected.", DECISION_EDIT: "Changed." }[payload.decision];
    this.inputs.get(payload.inputId)?.replaceWith(element("p", { class: "quiet" }, decided ?? `You said: ${payload.text ?? ""}`));
  }

  completed(payload) {
    const totals = payload.totals ?? {};
    this.sayOnce(payload.summary ?? "");
    if (payload.clarification) this.note(payload.clarification.prompt ?? "");
    this.end("done", `${count(Number(totals.rows ?? 0))}, ${seconds(totals.duration)}`, "quiet");
  }

  // The answer tells the summary and what was found: what stands in it is not said beside it.
  sayOnce(summary) {
    const answer = [...this.texts].filter(([key]) => key.endsWith("CHANNEL_ANSWER")).map(([, text]) => text.whole).join("\n");
    if (summary && !answer.includes(summary)) this.results.prepend(element("p", { class: "summary" }, summary));
    const told = answer || summary;
    for (const line of [...(this.findings?.children ?? [])]) if (told.includes(line.textContent)) line.remove();
    if (this.findings && this.findings.children.length === 0) this.findings.closest("section")?.remove();
  }

  failed(payload) {
    for (const { part } of this.said) if (part.className === "wrong" && part.textContent === payload.message) part.remove();
    const tried = payload.tried ?? [];
    if (tried.length) this.say(element("ul", { class: "quiet" }, ...tried.map((text) => element("li", {}, text))));
    this.end("failed", payload.message ?? "It failed.");
  }

  cancelled(payload) {
    this.end("cancelled", payload.cause ? `Cancelled: ${payload.cause}` : "Cancelled.", "quiet");
  }

  end(state, text, style = "wrong") {
    this.state.textContent = state;
    this.state.classList.add(state);
    this.cancel.remove();
    this.found();
    for (const form of this.inputs.values()) form.remove();
    this.close.append(element("p", { class: style }, text));
  }
}

function seconds(duration) {
  const value = parseFloat(duration ?? "0");
  return value < 1 ? `${Math.round(value * 1000)} ms` : `${value.toFixed(1)} s`;
}

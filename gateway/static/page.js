// The first page: ask, watch, ask on. What is watched stands in the address, so that it survives a reload.

import { element } from "/static/dom.js";
import { Run } from "/static/run.js";
import { watch } from "/static/stream.js";

const at = (id) => document.getElementById(id);
const conversation = crypto.randomUUID();
const shown = new Set();

at("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  ask(at("question").value);
});
at("question").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    at("ask").requestSubmit();
  }
});

async function ask(question) {
  if (!question.trim()) return;
  const body = { question, conversationId: conversation, requestId: crypto.randomUUID() };
  if (at("source").value) body.sources = [at("source").value];
  if (at("approval").checked) body.options = { requireApproval: true };
  at("send").disabled = true;
  const answer = await post("/v1/runs", body);
  at("send").disabled = false;
  notice(answer.detail ?? "");
  if (!answer.run) return;
  at("question").value = "";
  history.pushState(null, "", `#${answer.run.runId}`);
  show(answer.run.runId, question);
}

function show(runId, question) {
  if (shown.has(runId)) return;
  shown.add(runId);
  const steer = async (verb, body) => {
    const answer = await post(`/v1/runs/${encodeURIComponent(runId)}:${verb}`, body);
    return answer.reason && answer.status ? answer : null;
  };
  const run = new Run(question, { ask, post: steer });
  at("runs").prepend(run.element);
  run.element.scrollIntoView({ block: "nearest" });
  watch(runId, {
    event: (name, payload, event) => run.event(name, payload, event),
    lost: (why) => run.lost(why),
    found: () => run.found(),
    refused: (problem) => run.refused(problem),
  });
}

async function post(url, body) {
  const request = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  try {
    return await (await fetch(url, request)).json();
  } catch {
    return { status: 0, reason: "UNREACHABLE", detail: "The gateway can't be reached. Try again in a moment." };
  }
}

async function get(url) {
  try {
    const answer = await fetch(url);
    const body = await answer.json();
    if (!answer.ok) notice(body.detail);
    return answer.ok ? body : {};
  } catch {
    return {};
  }
}

function notice(text) {
  at("notice").textContent = text;
  at("notice").hidden = !text;
}

function fill(pipelines, sources, runs) {
  const questions = pipelines.find((pipeline) => pipeline.name === "query")?.sampleQuestions ?? [];
  const chips = questions.slice(0, 6).map((text) => element("button", { type: "button", onclick: () => ask(text) }, text));
  at("samples").replaceChildren(...chips);
  const whichever = element("option", { value: "" }, "whatever answers it");
  at("source").replaceChildren(whichever, ...sources.map(({ name }) => element("option", { value: name }, name)));
  at("source-choice").hidden = sources.length < 2;
  const links = runs.filter((run) => !shown.has(run.runId)).map((run) =>
    element("li", {}, element("a", { href: `#${run.runId}` }, run.request?.question ?? run.runId)));
  at("earlier").querySelector("ul").replaceChildren(...links);
  at("earlier").hidden = links.length === 0;
}

function follow() {
  const runId = decodeURIComponent(location.hash.slice(1));
  if (runId) show(runId, "");
}

window.addEventListener("hashchange", follow);
follow();
const [{ pipelines = [] }, { sources = [] }, { runs = [] }] = await Promise.all(
  ["/v1/pipelines", "/v1/sources", "/v1/runs?pageSize=10"].map(get),
);
fill(pipelines, sources, runs);

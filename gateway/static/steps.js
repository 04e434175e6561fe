// The panel of steps with its bar: what is pending, what runs, what came of it.

import { element } from "/static/dom.js";

export class Steps {
  constructor() {
    this.bar = element("progress", { max: 100, value: 0, "aria-label": "Progress" });
    this.percent = element("span", { class: "percent" }, "0 %");
    this.list = element("ol", { class: "steps" });
    this.element = element("div", {}, element("div", { class: "line bar" }, this.bar, this.percent), this.list);
    this.lines = new Map();
  }

  event(name, payload, event) {
    const progress = name === "completed" ? 1 : event.progress ?? 0;
    this.bar.value = Math.max(this.bar.value, progress * 100);
    this.percent.textContent = `${Math.round(this.bar.value)} %`;
    if (name === "started" || name === "sources_selected") this.announce(payload.steps ?? []);
    if (name === "step_started") this.change(event.step, "current", payload.title, payload);
    if (name === "step_progressed") this.change(event.step, "current", payload.message);
    if (name === "step_completed") this.change(event.step, "done", undefined, {}, `${payload.summary ?? ""} ${time(payload.duration)}`);
    if (name === "step_failed") this.change(event.step, payload.willRetry ? "trying again" : "failed");
    if (name === "step_skipped") this.change(event.step, "skipped", undefined, {}, payload.cause);
    if (name === "input_requested") this.change(event.step, "waiting for you");
    if (name === "input_received") this.change(event.step, "current");
    if (["completed", "failed", "cancelled"].includes(name)) this.settle(name);
  }

  announce(steps) {
    for (const info of steps) {
      if (info.conditional) continue;
      const { line } = this.line(info.step, info);
      if (line.className === "pending") this.list.append(line); // in the order that is known only now, at the end
    }
  }

  line(step, info) {
    if (!step) return null;
    if (!this.lines.has(step)) {
      const icon = element("span", { class: "icon", "aria-hidden": true });
      const [text, tag, result] = [element("span"), element("span", { class: "tag" }, "pending"), element("span", { class: "quiet" })];
      const line = element("li", { class: "pending" }, icon, element("span", { class: "text" }, text, " ", result), tag);
      this.lines.set(step, { line, icon, text, tag, result });
      this.list.insertBefore(line, this.list.querySelector(".pending")); // one that nobody announced begins now
    }
    const found = this.lines.get(step);
    if (info.icon) found.icon.textContent = info.icon;
    if (info.title) found.text.textContent = info.title;
    if (info.category) found.line.dataset.category = info.category.replace("CATEGORY_", "").toLowerCase();
    return found;
  }

  change(step, state, text, info = {}, result) {
    const found = this.line(step, info);
    if (!found) return;
    if (text) found.text.textContent = text;
    if (result !== undefined) found.result.textContent = result.trim();
    found.tag.textContent = state;
    found.line.className = state === "current" ? "current" : state.split(" ")[0];
  }

  // What had not begun when the run ended never will.
  settle(name) {
    for (const { line, tag } of this.lines.values()) {
      if (line.className === "done" || line.className === "failed" || line.className === "skipped") continue;
      const begun = line.className !== "pending";
      tag.textContent = name === "completed" ? "not needed" : begun ? name : "not reached";
      line.className = begun && name === "failed" ? "failed" : "skipped";
    }
  }
}

function time(duration) {
  const value = parseFloat(duration ?? "");
  if (!Number.isFinite(value)) return "";
  return value < 1 ? `${Math.max(1, Math.round(value * 1000))} ms` : `${value.toFixed(1)} s`;
}

// A run's events, once each and in order, over however many connections that takes.

const PAYLOADS = [
  "queued", "started", "paused", "resumed", "input_requested", "input_received", "completed", "failed", "cancelled",
  "step_started", "step_progressed", "step_completed", "step_failed", "step_skipped", "text_delta", "text_completed",
  "sources_selected", "schema_matched", "plan_drafted", "plan_validated", "query_proposed", "query_validated",
  "query_refused", "operation_started", "operation_completed", "table_started", "table_rows", "table_completed",
  "finding", "chart", "follow_ups", "gap",
];
const TERMINAL = new Set(["completed", "failed", "cancelled"]);
const AGAIN = 2000;

// Watches a run until its end. `on` has event(name, payload, envelope), lost(why), found() and refused(problem).
export function watch(runId, on) {
  const url = `/v1/runs/${encodeURIComponent(runId)}/events`;
  let last = 0;
  let source = null;
  let over = false;

  function address() {
    return last ? `${url}?after=${last}` : url;
  }

  function open() {
    source = new EventSource(address());
    source.onopen = on.found;
    source.onerror = () => (source.readyState === EventSource.CLOSED ? again() : on.lost());
    for (const name of PAYLOADS) source.addEventListener(name, (message) => take(name, message));
  }

  function take(name, message) {
    const event = JSON.parse(message.data);
    if (name === "gap") return;
    const number = Number(event.sequence);
    if (number <= last) return;
    last = number;
    if (TERMINAL.has(name)) stop();
    on.event(name, event[camel(name)] ?? {}, event);
  }

  // The browser gives up where an answer is no stream, and does not say why. We ask, and give up only when there is
  // no run; whoever has too many streams open is told, and finds a place once one of them is closed.
  async function again() {
    if (over) return;
    on.lost();
    const asking = new AbortController();
    try {
      const answer = await fetch(address(), { headers: { Accept: "text/event-stream" }, signal: asking.signal });
      const problem = answer.ok ? null : await answer.json();
      if (answer.status === 404) {
        stop();
        on.refused(problem);
        return;
      }
      if (answer.status === 429) on.lost(problem.detail);
    } catch {
      // still away: try again below
    } finally {
      asking.abort();
    }
    setTimeout(() => over || open(), AGAIN);
  }

  function stop() {
    over = true;
    source.close();
  }

  open();
  return stop;
}

function camel(name) {
  return name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());
}

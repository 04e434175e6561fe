// How the reference designs' own frontends talk to a server, each in its way; every function resolves to what it saw.
window.frontends = {
  // The live progress panel: ask, then watch nameless messages until the step "end".
  async panel(base, question) {
    const asked = await fetch(`${base}/api/query`, post({ query: question, tenant_id: "t", user_id: "u" }));
    const { workflow_id: id } = await asked.json();
    return new Promise((resolve, reject) => {
      const steps = [];
      const source = new EventSource(`${base}/api/stream/${id}?token=whatever`);
      source.onmessage = (event) => {
        const step = JSON.parse(event.data);
        steps.push(step);
        if (step.step === "end" || step.step === "error") {
          source.close();
          resolve(steps);
        }
      };
      source.onerror = () => source.readyState === EventSource.CLOSED && reject(new Error("closed"));
    });
  },

  // The workflow page: create, execute with a stream, listen to each named event; it comes back when it is cut off.
  async workflow(base, given, execute = "?stream=true") {
    const created = await (await fetch(`${base}/api/v1/workflows/`, post(given))).json();
    const path = `${base}/api/v1/workflows/${created.workflow_id}`;
    const begun = await (await fetch(`${path}/execute${execute}`, { method: "POST" })).json();
    if (execute === "") return { created, begun };
    const names = ["workflow_started", "workflow_completed", "workflow_failed", "iteration_started"];
    names.push("iteration_completed", "task_started", "task_progress", "task_completed", "task_failed", "timeout");
    const seen = [];
    let connected = 0;
    const events = await new Promise((resolve, reject) => {
      const source = new EventSource(base + begun.metadata.stream_url);
      source.onmessage = (event) => seen.push({ type: "message", id: event.lastEventId, ...JSON.parse(event.data) });
      source.onopen = () => {
        connected += 1;
      };
      for (const name of names)
        source.addEventListener(name, (event) => {
          seen.push({ type: name, id: event.lastEventId, ...JSON.parse(event.data) });
          if (name === "workflow_completed" || name === "workflow_failed") {
            source.close();
            resolve(seen);
          }
        });
      source.onerror = () => source.readyState === EventSource.CLOSED && reject(new Error("closed"));
    });
    return { created, begun, events, connected };
  },

  // What a page does that can't stream: it asks for the status until the workflow is over.
  async polled(base, given) {
    const created = await (await fetch(`${base}/api/v1/workflows/`, post(given))).json();
    const path = `${base}/api/v1/workflows/${created.workflow_id}`;
    await fetch(`${path}/execute?stream=true`, { method: "POST" });
    const seen = [];
    do {
      await new Promise((resolve) => setTimeout(resolve, 100));
      seen.push(await (await fetch(`${path}/status`)).json());
    } while (!["completed", "failed", "cancelled"].includes(seen.at(-1).status));
    return { seen, whole: await (await fetch(path)).json() };
  },

  // The agents' chat: one POST whose body is read as it comes, line by line.
  async agents(base, message) {
    const answer = await fetch(`${base}/api/streaming/multi-agent/stream`, post({ message, conversation_id: "chat" }));
    const reader = answer.body.getReader();
    const decoder = new TextDecoder();
    const seen = [];
    let buffer = "";
    let name = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return { location: answer.headers.get("location"), seen };
      buffer += decoder.decode(value, { stream: true });
      const lines = buffer.split("\n");
      buffer = lines.pop();
      for (const line of lines) {
        if (line.startsWith("event: ")) name = line.slice(7);
        if (line.startsWith("data: ")) seen.push({ name, ...JSON.parse(line.slice(6)) });
      }
    }
  },

  // The exercise page: a GET that begins and streams; steps and the final result come under one name.
  generate(base, topic) {
    return new Promise((resolve, reject) => {
      const seen = [];
      const source = new EventSource(`${base}/api/generate-stream?topic=${encodeURIComponent(topic)}&max_attempts=1`);
      const told = (name) => (event) => {
        if (event.data) seen.push({ name, id: event.lastEventId, ...JSON.parse(event.data) });
        if (name === "done" || (name === "error" && event.data)) {
          source.close();
          resolve(seen);
        } else if (name === "error" && source.readyState === EventSource.CLOSED) {
          reject(new Error("closed"));
        }
      };
      for (const name of ["start", "step", "done", "error"]) source.addEventListener(name, told(name));
    });
  },
};

function post(body) {
  return { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
}

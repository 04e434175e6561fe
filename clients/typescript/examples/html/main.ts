// Asks a question and shows the answer being worked out, with nothing but the DOM.

import {
  connect,
  LevadaError,
  queryOf,
  type RunState,
  type RunStore,
  stepsOf,
  type Table,
  tableOf,
} from "@levada/client";

const SHOWN = 20;
const client = connect();
let unsubscribe = () => {};
let run: RunStore | undefined;

element("ask", HTMLFormElement).addEventListener("submit", async (event) => {
  event.preventDefault();
  unsubscribe();
  try {
    run = await client.ask(element("question", HTMLInputElement).value);
  } catch (problem) {
    say(problem instanceof LevadaError ? problem.detail : String(problem));
    return;
  }
  const store = run;
  // Called at most once per animation frame, however many events come.
  unsubscribe = store.subscribe(() => draw(store));
  draw(store);
});

element("cancel", HTMLButtonElement).addEventListener("click", () => run?.cancel("the example's button"));

function draw(store: RunStore): void {
  const { state, connection } = store.getSnapshot();
  say(connection.kind === "retrying" ? "Connection lost, retrying…" : state.phase);
  element("progress", HTMLProgressElement).value = state.progress;
  element("cancel", HTMLButtonElement).disabled = state.end !== undefined;
  element("query").textContent = queryOf(state)?.text ?? "";
  drawSteps(state);
  drawRows(tableOf(state));
  element("summary").textContent = ending(state);
}

function drawSteps(state: RunState): void {
  const items = stepsOf(state).map((step) => {
    const item = make("li", `${step.icon} ${step.title} ${step.note}`);
    item.dataset.state = step.state;
    return item;
  });
  element("steps").replaceChildren(...items);
}

function drawRows(table: Table | undefined): void {
  const columns = table?.columns ?? [];
  element("head").replaceChildren(
    line(
      "th",
      columns.map((column) => column.name),
    ),
  );
  const rows = Array.from({ length: Math.min(SHOWN, table?.rowCount ?? 0) }, (_, row) => table?.row(row) ?? []);
  element("rows").replaceChildren(
    ...rows.map((cells) =>
      line(
        "td",
        cells.map((cell) => String(cell ?? "NULL")),
      ),
    ),
  );
}

function ending({ end }: RunState): string {
  if (end?.kind === "completed") return end.summary;
  if (end?.kind === "failed") return end.message;
  return end ? `Cancelled: ${end.cause}` : "";
}

function say(text: string): void {
  element("status").textContent = text;
}

function line(tag: "td" | "th", texts: readonly string[]): HTMLElement {
  const row = make("tr");
  row.append(...texts.map((text) => make(tag, text)));
  return row;
}

function make(tag: string, text = ""): HTMLElement {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}

function element<T extends HTMLElement = HTMLElement>(id: string, type?: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof (type ?? HTMLElement))) throw new Error(`The page has no #${id}.`);
  return found as T;
}

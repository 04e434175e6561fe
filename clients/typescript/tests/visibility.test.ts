// @vitest-environment happy-dom
// A page that is hidden and seen again: nothing is read meanwhile, and nothing is lost.
import { expect, it, vi } from "vitest";
import { type ConnectionState, LevadaError } from "../src/index.js";
import { persist } from "../src/persist.js";
import { until } from "./support/until.js";

function show(state: "hidden" | "visible"): void {
  vi.spyOn(document, "visibilityState", "get").mockReturnValue(state);
  document.dispatchEvent(new Event("visibilitychange"));
}

/** A way of reading that says a number each time it is begun, and then waits; three of them are all there is. */
function counting() {
  const begun: AbortSignal[] = [];
  async function* read(signal: AbortSignal) {
    begun.push(signal);
    yield { kind: "alive" };
    if (begun.length === 3) yield { kind: "over" };
    await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  }
  return { begun, way: { kind: "open" as const, read } };
}

async function read(way: ReturnType<typeof counting>["way"], states: string[], pauseWhenHidden: boolean) {
  const onConnection = ({ kind }: ConnectionState) => states.push(kind);
  const signal = new AbortController().signal;
  for await (const _ of persist([way], { signal, onConnection, pauseWhenHidden, backoff: { first: 1 } }));
}

it("rests while it is hidden, and goes on when it is seen", async () => {
  const { begun, way } = counting();
  const states: string[] = [];
  const reading = read(way, states, true);
  await until(() => states.at(-1) === "open");
  for (const _ of [1, 2]) {
    show("hidden");
    expect(begun.at(-1)?.aborted).toBe(true);
    await until(() => states.at(-1) === "paused");
    show("visible");
    await until(() => states.at(-1) === "open");
  }
  await reading;
  expect(states).toEqual(["connecting", "open", "paused", "connecting", "open", "paused", "connecting", "open"]);
});

it("reads on where it was not asked to rest", async () => {
  const { begun, way } = counting();
  const states: string[] = [];
  void read(way, states, false);
  await until(() => states.at(-1) === "open");
  show("hidden");
  show("visible");
  expect(begun[0]?.aborted).toBe(false);
});

it("begins to read only when it is seen", async () => {
  show("hidden");
  const { way } = counting();
  const states: string[] = [];
  void read(way, states, true);
  await until(() => states.at(-1) === "paused");
  show("visible");
  await until(() => states.at(-1) === "open");
});

it("does not take being hidden for a way that does not work", async () => {
  const states: string[] = [];
  let begun = 0;
  const silent = (signal: AbortSignal): AsyncGenerator<{ kind: string }> => {
    begun += 1;
    return waiting(signal);
  };
  const ways = [
    { kind: "open" as const, read: silent },
    { kind: "polling" as const, read: silent },
  ];
  const leaving = new AbortController();
  const onConnection = ({ kind }: ConnectionState) => states.push(kind);
  show("visible");
  const reading = (async () => {
    const options = { signal: leaving.signal, onConnection, pauseWhenHidden: true, backoff: { first: 1 } };
    for await (const _ of persist(ways, options)) if (begun > 5) leaving.abort();
  })().catch(() => undefined);
  for (const count of [1, 2, 3, 4]) {
    await until(() => begun === count);
    show("hidden");
    await until(() => states.at(-1) === "paused");
    show("visible");
  }
  await reading;
  expect(states).toContain("open");
  expect(states).not.toContain("polling");
  async function* waiting(signal: AbortSignal) {
    if (begun <= 4) await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    if (begun === 5) throw new LevadaError({});
    yield { kind: "alive" };
  }
});

it("tries again at once when the network is back", async () => {
  const states: string[] = [];
  const tries: number[] = [];
  async function* failing() {
    tries.push(Date.now());
    yield { kind: "alive" };
    if (tries.length === 2) yield { kind: "over" };
  }
  const onConnection = ({ kind }: ConnectionState) => states.push(kind);
  const backoff = { first: 3_600_000, longest: 3_600_000, patience: Number.POSITIVE_INFINITY, random: () => 1 };
  const signal = new AbortController().signal;
  const reading = (async () => {
    for await (const _ of persist([{ kind: "open", read: failing }], { signal, onConnection, backoff }));
  })();
  await until(() => states.at(-1) === "retrying");
  window.dispatchEvent(new Event("online"));
  await reading;
  expect(tries).toHaveLength(2);
});

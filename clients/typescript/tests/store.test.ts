// A store frame by frame: what is shown in which order, however slowly events are taken in.
import { afterEach, expect, it, vi } from "vitest";
import { type EventJson, initialState, LevadaError, type Snapshot } from "../src/index.js";
import { Store } from "../src/store.js";
import type { Watching } from "../src/watch.js";

afterEach(() => vi.restoreAllMocks());

const EVENTS: EventJson[] = Array.from({ length: 500 }, (_, index) => ({ runId: "r", sequence: String(index + 1) }));

/** A store whose frames are as short as can be; what it shows, snapshot by snapshot. */
function slow(watch: (watching: Watching) => AsyncIterable<EventJson[]>) {
  let now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => (now += 40));
  const done = async () => undefined;
  const store = new Store(initialState("r"), {
    watch,
    cancel: done,
    pause: done,
    resume: done,
    respond: done,
    now: () => 0,
    active: () => undefined,
    idle: () => undefined,
    pauseWhenHidden: false,
    schedule: (task) => setTimeout(task, 0),
  });
  const shown: Snapshot[] = [];
  store.subscribe(() => shown.push(store.getSnapshot()));
  return { store, shown };
}

it("shows that the stream closed only once all that came before is shown", async () => {
  const { store, shown } = slow(async function* ({ onConnection }) {
    onConnection?.({ kind: "open" });
    yield [...EVENTS, { runId: "r", sequence: "501", completed: {} }];
    onConnection?.({ kind: "closed" });
  });
  await store.ended();
  expect(shown.length).toBeGreaterThan(5);
  expect(shown.filter(({ connection }) => connection.kind === "closed").map(({ state }) => state.sequence)).toEqual([
    501,
  ]);
});

it("shows what came before a failure, and then the failure", async () => {
  const error = new LevadaError({ status: 404, detail: "Gone." });
  const { store, shown } = slow(async function* ({ onConnection }) {
    yield EVENTS;
    onConnection?.({ kind: "closed", error });
    throw error;
  });
  await expect(store.ended()).rejects.toBe(error);
  expect(shown.find(({ connection }) => connection.kind === "closed")).toMatchObject({
    state: { sequence: 500 },
    error,
  });
});

it("does not read more than it takes in", async () => {
  let read = 0;
  let most = 0;
  const { store } = slow(async function* () {
    await Promise.resolve(); // reading begins while the store is made
    for (let batch = 0; batch < 14; batch++) {
      const events = EVENTS.map((_, index) => ({ runId: "r", sequence: String(batch * 500 + index + 1) }));
      read += events.length;
      most = Math.max(most, read - store.getSnapshot().state.sequence);
      yield events;
    }
    yield [{ runId: "r", sequence: "7001", completed: {} }];
  });
  await store.ended();
  expect(most).toBeLessThan(6_000);
  vi.restoreAllMocks(); // else the test itself seems to have taken minutes
});

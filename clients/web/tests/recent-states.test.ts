import type { Client, EventJson } from "@levada/client";
import { expect, test } from "vitest";
import { recentStates } from "../src/runs/recent-states";

const RUNS = Array.from("0123456789", (runId) => ({ runId }));

/** Return a client whose runs tell their question, and end only when *over* resolves, or nobody wants to know. */
function client(watched: string[], over: Promise<void>) {
  return {
    list: async () => ({ runs: RUNS }),
    async *watch(runId: string, { signal }: { signal: AbortSignal }): AsyncGenerator<EventJson> {
      watched.push(runId);
      yield { sequence: "1", started: { question: `Question ${runId}` } };
      await Promise.race([over, new Promise((left) => signal.addEventListener("abort", left))]);
    },
  } as never as Client;
}

test("all runs are read that ended last", async () => {
  const { states, unread } = await recentStates(client([], Promise.resolve()), 10, new AbortController().signal);
  expect(states.map(({ question }) => question).sort()).toEqual(RUNS.map(({ runId }) => `Question ${runId}`));
  expect(unread).toBe(0);
});

test("no run is read any more once the view was left", async () => {
  const watched: string[] = [];
  const left = new AbortController();
  const read = recentStates(client(watched, new Promise(() => {})), 10, left.signal);
  await expect.poll(() => watched.length, { timeout: 20_000 }).toBe(3);
  left.abort(new Error("left"));
  await expect(read).rejects.toThrow("left");
  expect(watched).toHaveLength(3);
});

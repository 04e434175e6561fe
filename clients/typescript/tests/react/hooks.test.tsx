// @vitest-environment happy-dom
// Hooks: following runs, asking, listing.

import { act, cleanup, configure, renderHook, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, expect, it, vi } from "vitest";
import type { Client, RunPage, RunStore, Snapshot } from "../../src/api.js";
import { LevadaError } from "../../src/errors.js";
import { LevadaProvider, useAsk, useRun, useRuns } from "../../src/react/index.js";
import { initialState } from "../../src/reduce/index.js";

configure({ asyncUtilTimeout: 20_000 }); // as long as a busy machine may take

afterEach(cleanup);

function storeOf(runId: string) {
  const listeners = new Set<() => void>();
  let snapshot: Snapshot = { state: initialState(runId), connection: { kind: "open" }, error: undefined };
  const store = {
    runId,
    subscribe: (listener: () => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    getSnapshot: () => snapshot,
  } as unknown as RunStore;
  const change = (progress: number) => {
    snapshot = { ...snapshot, state: { ...snapshot.state, progress } };
    for (const listener of listeners) listener();
  };
  return { store, listeners, change };
}

function within(client: Partial<Client>) {
  return {
    wrapper: ({ children }: { children: ReactNode }) => (
      <LevadaProvider client={client as Client}>{children}</LevadaProvider>
    ),
  };
}

it("useRun follows a run, and lets go of it when nobody looks any more", () => {
  const { store, listeners, change } = storeOf("r1");
  const { result, unmount } = renderHook(() => useRun("r1"), within({ open: () => store }));
  act(() => change(0.5));
  expect(result.current.state.progress).toBe(0.5);
  unmount();
  expect(listeners.size).toBe(0);
});

it("useRun follows nothing without an id", () => {
  const open = vi.fn();
  const { result } = renderHook(() => useRun(undefined), within({ open }));
  expect(result.current).toBeUndefined();
  expect(open).not.toHaveBeenCalled();
});

it("useAsk shows the run of the question asked last, whichever answer comes first", async () => {
  const answers = new Map<unknown, (store: RunStore) => void>();
  const ask = (what: unknown) => new Promise<RunStore>((resolve) => answers.set(what, resolve));
  const { result } = renderHook(() => useAsk(), within({ ask } as Partial<Client>));
  act(() => void result.current.ask("first"));
  act(() => void result.current.ask("second"));
  expect(result.current.sending).toBe(true);
  await act(async () => answers.get("second")?.(storeOf("r2").store));
  await act(async () => answers.get("first")?.(storeOf("r1").store));
  expect(result.current.run?.state.runId).toBe("r2");
  expect(result.current.sending).toBe(false);
});

it("useAsk says why a question was not taken", async () => {
  const ask = () => Promise.reject(new LevadaError({ status: 429, detail: "Too many runs." }));
  const { result } = renderHook(() => useAsk(), within({ ask }));
  await act(async () => void (await result.current.ask("x")));
  expect(result.current.error?.detail).toBe("Too many runs.");
  expect(result.current.sending).toBe(false);
});

it("useRuns lists page by page, each run once", async () => {
  const pages: Record<string, RunPage> = {
    "": { runs: [{ runId: "c" }, { runId: "b" }], nextPageToken: "2" },
    "2": { runs: [{ runId: "b" }, { runId: "a" }], nextPageToken: "" },
  };
  const list: Client["list"] = async (options) => pages[options?.pageToken ?? ""] as RunPage;
  const { result } = renderHook(() => useRuns(), within({ list }));
  await waitFor(() => expect(result.current.loading).toBe(false));
  expect(result.current.hasMore).toBe(true);
  act(() => result.current.more());
  await waitFor(() => expect(result.current.runs.map((run) => run.runId)).toEqual(["c", "b", "a"]));
  expect(result.current.hasMore).toBe(false);
});

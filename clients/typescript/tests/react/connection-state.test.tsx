// @vitest-environment happy-dom
// What is said of the connection.

import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import { Interrupted, LevadaError } from "../../src/errors.js";
import { ConnectionState } from "../../src/react/connection-state.js";

afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

const LOST = { kind: "retrying", attempt: 1, why: new LevadaError({}) } as const;

it("says nothing while all is well", () => {
  render(<ConnectionState connection={{ kind: "open" }} />);
  expect(screen.getByRole("status").textContent).toBe("");
});

it("says that the connection is lost and when it is tried again, and tries at once when told", () => {
  const onReconnect = vi.fn();
  vi.useFakeTimers({ toFake: ["Date"] }); // the clock stands still, however long this takes
  render(<ConnectionState connection={{ ...LOST, at: Date.now() + 3900 }} onReconnect={onReconnect} />);
  expect(screen.getByRole("status").textContent).toContain("Connection lost, retrying… in 4 s");
  fireEvent.click(screen.getByRole("button", { name: "Try now" }));
  expect(onReconnect).toHaveBeenCalled();
});

it("says that a place is waited for, where nothing was lost", () => {
  const why = new LevadaError({ status: 429, reason: "TOO_MANY_STREAMS" });
  render(<ConnectionState connection={{ ...LOST, why, at: Date.now() }} />);
  expect(screen.getByRole("status").textContent).toContain("Too many runs are watched at once");
});

it("never shows a stream that was cut as an end", () => {
  render(<ConnectionState connection={{ kind: "closed", error: new Interrupted({}) }} />);
  expect(screen.getByRole("status").textContent).toContain("Interrupted");
});

it("says nothing more after a run's own end", () => {
  render(<ConnectionState connection={{ kind: "closed" }} />);
  expect(screen.getByRole("status").textContent).toBe("");
});

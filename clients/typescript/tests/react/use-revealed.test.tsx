// @vitest-environment happy-dom
// A text that is shown as it is written.

import { act, cleanup, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { useRevealed } from "../../src/react/use-revealed.js";

let reduced = false;
beforeEach(() => {
  reduced = false;
  vi.useFakeTimers({ toFake: ["requestAnimationFrame", "cancelAnimationFrame", "performance"] });
  vi.stubGlobal("matchMedia", () => ({ matches: reduced }));
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function revealed(text: string, writing: boolean) {
  return renderHook((props: { text: string; writing: boolean }) => useRevealed(props.text, props.writing), {
    initialProps: { text, writing },
  });
}

function frames(count: number): void {
  for (let frame = 0; frame < count; frame += 1) act(() => vi.advanceTimersToNextFrame());
}

it("comes steadily, and is whole soon after its last piece", () => {
  const text = "The revenue is 578,521.72 EUR. ".repeat(20);
  const { result, rerender } = revealed(text, true);
  const lengths: number[] = [];
  while (lengths.length < 5) {
    frames(1);
    lengths.push(result.current.length);
  }
  expect(lengths).toEqual([...lengths].sort((one, other) => one - other));
  expect(lengths.at(-1)).toBeLessThan(text.length / 2);
  rerender({ text, writing: false });
  frames(120);
  expect(result.current).toBe(text);
});

it("is there at once when it was whole already, or when nothing may move", () => {
  expect(revealed("All of it.", false).result.current).toBe("All of it.");
  reduced = true;
  expect(revealed("All of it.", true).result.current).toBe("All of it.");
});

it("never shows half a sign", () => {
  const { result } = revealed("📈".repeat(30), true);
  for (let frame = 0; frame < 40; frame += 1) {
    frames(1);
    expect(() => encodeURIComponent(result.current)).not.toThrow();
  }
});
